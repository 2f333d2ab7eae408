/** One article, and more like it. */
import { CloseButton, ItemDialog } from 'films/src/item-dialog.tsx';
import { SimilarItems } from 'films/src/similar-items.tsx';
import { type Article, articlesById } from '../catalogue/articles.ts';
import { ArticleFacts, type OnRead } from './article-list.tsx';

interface ArticleDialogProps {
  readonly article: Article;
  readonly onRead: OnRead;
  readonly onClose: () => void;
}

export function ArticleDialog({ article, onRead, onClose }: ArticleDialogProps) {
  return (
    <ItemDialog titledBy="article-title" onClose={onClose}>
      <article className="item-text">
        <ArticleFacts article={article} />
        <h2 id="article-title">{article.title}</h2>
        <p>{article.lead}</p>
        <SimilarItems
          itemId={article.id}
          heading="More like this"
          onOpen={(id) => {
            const similar = articlesById.get(id);
            if (similar !== undefined) onRead(similar);
          }}
        />
        <CloseButton />
      </article>
    </ItemDialog>
  );
}
