/** The page: one instance of the SDK for everything below the provider. */
import { TributaryProvider } from '@tributary/client/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { openDevice } from './device.ts';
import { TasteProvider } from './taste.tsx';
import '@tributary/client/react/panel.css';
import './style/base.css';
import './style/films.css';
import './style/training.css';

const element = document.getElementById('root');
if (element === null) throw new Error('index.html has no element of the id root.');
const root = createRoot(element);
try {
  const device = await openDevice();
  root.render(
    <StrictMode>
      <TributaryProvider client={device}>
        <TasteProvider>
          <App />
        </TasteProvider>
      </TributaryProvider>
    </StrictMode>,
  );
} catch (error) {
  root.render(
    <main className="columns">
      <h1>Films</h1>
      <p className="problem">{error instanceof Error ? error.message : String(error)}</p>
    </main>,
  );
}
