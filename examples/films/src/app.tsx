/** The layout. */
import { DataPanel } from '@tributary/client/react';
import { useState } from 'react';
import type { Film } from '../catalogue/films.ts';
import { Browse } from './browse.tsx';
import { ConsentNotice } from './consent-notice.tsx';
import { FilmDialog } from './film-dialog.tsx';
import { ForYou } from './for-you.tsx';
import { HistoryProblem } from './history.tsx';
import { TrainingPanel } from './training-panel.tsx';
import { YourLikes } from './your-likes.tsx';

export function App() {
  const [open, setOpen] = useState<Film | null>(null);
  return (
    <>
      <a className="skip" href="#main">
        Skip to the films
      </a>
      <header className="top">
        <h1>Films</h1>
        <p>Recommendations trained on people’s own devices</p>
      </header>
      <div className="columns">
        <main id="main" tabIndex={-1}>
          <ConsentNotice deed="like" />
          <HistoryProblem />
          <ForYou onOpen={setOpen} />
          <YourLikes onOpen={setOpen} />
          <Browse onOpen={setOpen} />
        </main>
        <aside className="side" aria-label="Your device">
          <TrainingPanel />
          <DataPanel fileName="my-films.json" />
        </aside>
      </div>
      {open === null ? null : <FilmDialog key={open.id} film={open} onOpen={setOpen} onClose={() => setOpen(null)} />}
    </>
  );
}
