/** The page of an example: one instance of the SDK for everything below the provider. */
import { TributaryProvider } from '@tributary/client/react';
import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { openDevice } from './device.ts';
import '@tributary/client/react/panel.css';
import './style/base.css';
import './style/films.css';

/** @throws nothing that the page could show: a device that cannot be opened is said in it */
export async function openPage(task: string, page: ReactNode): Promise<void> {
  const element = document.getElementById('root');
  if (element === null) throw new Error('index.html has no element of the id root.');
  const root = createRoot(element);
  try {
    const device = await openDevice(task);
    root.render(
      <StrictMode>
        <TributaryProvider client={device}>{page}</TributaryProvider>
      </StrictMode>,
    );
  } catch (error) {
    root.render(
      <main className="columns">
        <h1>{document.title}</h1>
        <p className="problem">{error instanceof Error ? error.message : String(error)}</p>
      </main>,
    );
  }
}
