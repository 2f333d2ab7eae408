import { HistoryProvider } from 'films/src/history.tsx';
import { openPage } from 'films/src/open-page.tsx';
import { App } from './app.tsx';
import './news.css';

await openPage(
  'news',
  <HistoryProvider type="read">
    <App />
  </HistoryProvider>,
);
