/** Everything, by date. */
import { useState } from 'react';
import { articles } from '../catalogue/articles.ts';
import { ArticleList, type OnRead } from './article-list.tsx';

const pageSize = 12;

export function LatestArticles({ onRead }: { readonly onRead: OnRead }) {
  const [pages, setPages] = useState(1);
  const shown = articles.slice(0, pages * pageSize);
  return (
    <section aria-labelledby="latest">
      <h2 id="latest">Latest</h2>
      <ArticleList articleIds={shown.map(({ id }) => id)} onRead={onRead} />
      {shown.length < articles.length ? (
        <button type="button" className="more" onClick={() => setPages(pages + 1)}>
          Show more
        </button>
      ) : null}
    </section>
  );
}
