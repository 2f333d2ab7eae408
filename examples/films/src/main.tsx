/** The page: one instance of the SDK for everything below the provider. */
import { TributaryProvider } from '@tributary/client/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { filmsOptions } from './device.ts';
import { TasteProvider } from './taste.tsx';
import '@tributary/client/react/panel.css';
import './style/base.css';
import './style/films.css';
import './style/training.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element of the id root.');
createRoot(root).render(
  <StrictMode>
    <TributaryProvider options={filmsOptions}>
      <TasteProvider>
        <App />
      </TasteProvider>
    </TributaryProvider>
  </StrictMode>,
);
