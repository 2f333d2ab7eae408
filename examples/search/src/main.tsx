import { openPage } from 'films/src/open-page.tsx';
import { App } from './app.tsx';
import './search.css';

await openPage('search', <App />);
