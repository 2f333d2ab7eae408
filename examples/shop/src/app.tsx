/** The layout. */
import { DataPanel } from '@tributary/client/react';
import { ConsentNotice } from 'films/src/consent-notice.tsx';
import { HistoryProblem } from 'films/src/history.tsx';
import { Advertisements } from './advertisements.tsx';
import { AllProducts, ForYou } from './shelves.tsx';

export function App() {
  return (
    <>
      <a className="skip" href="#main">
        Skip to the products
      </a>
      <header className="top">
        <h1>Shop</h1>
        <p>Recommendations and advertisements chosen on your own device</p>
      </header>
      <div className="columns">
        <main id="main" tabIndex={-1}>
          <ConsentNotice deed="buy" />
          <HistoryProblem />
          <ForYou />
          <Advertisements />
          <AllProducts />
        </main>
        <aside className="side" aria-label="Your device">
          <DataPanel fileName="my-purchases.json" />
        </aside>
      </div>
    </>
  );
}
