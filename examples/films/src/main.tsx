import { App } from './app.tsx';
import { openPage } from './open-page.tsx';
import { TasteProvider } from './taste.tsx';
import './style/training.css';

await openPage(
  'films',
  <TasteProvider>
    <App />
  </TasteProvider>,
);
