/** A page that is nothing but the data panel, as it comes. Its coordinator is the one in the address after '#'. */
import '@tributary/client/react/panel.css';
import { createTributary } from '@tributary/client';
import { DataPanel, TributaryProvider } from '@tributary/client/react';
import { createRoot } from 'react-dom/client';

const tributary = await createTributary({ url: location.hash.slice(1), task: 'shop' });
await tributary.track({ type: 'view', itemId: 'sku-1' });
createRoot(document.querySelector('main') as HTMLElement).render(
  <TributaryProvider client={tributary}>
    <h1>Settings</h1>
    <DataPanel />
  </TributaryProvider>,
);
