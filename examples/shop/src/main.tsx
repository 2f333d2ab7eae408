import { HistoryProvider } from 'films/src/history.tsx';
import { openPage } from 'films/src/open-page.tsx';
import { App } from './app.tsx';
import './shop.css';

await openPage(
  'shop',
  <HistoryProvider type="buy">
    <App />
  </HistoryProvider>,
);
