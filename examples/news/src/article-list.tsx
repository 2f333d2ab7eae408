/** Articles as headlines with their first lines. */
import { usePersonalHistory } from 'films/src/history.tsx';
import { type Article, articlesById } from '../catalogue/articles.ts';

export type OnRead = (article: Article, recommendationId?: string) => void;

interface ArticleListProps {
  readonly articleIds: readonly string[];
  readonly onRead: OnRead;
  /** Where they were recommended. */
  readonly recommendationId?: string | undefined;
  readonly testId?: string;
}

export function ArticleList({ articleIds, onRead, recommendationId, testId }: ArticleListProps) {
  const { itemIds: readIds } = usePersonalHistory();
  return (
    <ul className="articles" data-testid={testId}>
      {articleIds.map((id) => {
        const article = articlesById.get(id);
        return article === undefined ? null : (
          <li key={id}>
            <ArticleFacts article={article} />
            <h3>
              <button type="button" className="card-title" onClick={() => onRead(article, recommendationId)}>
                {article.title}
              </button>
            </h3>
            <p className="line">{article.lead}</p>
            {readIds.includes(id) ? <p className="hint">Read</p> : null}
          </li>
        );
      })}
    </ul>
  );
}

const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' });

export function ArticleFacts({ article: { section, topics, published } }: { readonly article: Article }) {
  return (
    <p className="facts">
      <strong>{section}</strong> · <time dateTime={published.toISOString().slice(0, 10)}>{days.format(published)}</time>{' '}
      · {topics.join(', ')}
    </p>
  );
}
