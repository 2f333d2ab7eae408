/** The layout, and which article is open. */
import { DataPanel } from '@tributary/client/react';
import { ConsentNotice } from 'films/src/consent-notice.tsx';
import { HistoryProblem, usePersonalHistory } from 'films/src/history.tsx';
import { useState } from 'react';
import type { Article } from '../catalogue/articles.ts';
import { ArticleDialog } from './article-dialog.tsx';
import { FrontPage } from './front-page.tsx';
import { LatestArticles } from './latest-articles.tsx';

export function App() {
  const [open, setOpen] = useState<Article | null>(null);
  const { add } = usePersonalHistory();
  /** Opening is reading. */
  function read(article: Article, recommendationId?: string): void {
    add(article.id, recommendationId);
    setOpen(article);
  }
  return (
    <>
      <a className="skip" href="#main">
        Skip to the news
      </a>
      <header className="top">
        <h1>News</h1>
        <p>A front page put together on your own device</p>
      </header>
      <div className="columns">
        <main id="main" tabIndex={-1}>
          <ConsentNotice deed="read" />
          <HistoryProblem />
          <FrontPage onRead={read} />
          <LatestArticles onRead={read} />
        </main>
        <aside className="side" aria-label="Your device">
          <DataPanel fileName="my-news.json" />
        </aside>
      </div>
      {open === null ? null : (
        <ArticleDialog key={open.id} article={open} onRead={read} onClose={() => setOpen(null)} />
      )}
    </>
  );
}
