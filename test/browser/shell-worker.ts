/** An offline shell, as an app may have one: what it fetched it gives again, headers and all, where there is no network. */
interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Shell extends EventTarget {
  skipWaiting(): void;
  readonly clients: { claim(): Promise<void> };
}

const shell = globalThis as unknown as Shell;
shell.addEventListener('install', () => shell.skipWaiting());
shell.addEventListener('activate', () => void shell.clients.claim());
shell.addEventListener('fetch', (event) => {
  const { request, respondWith } = event as FetchEvent;
  const answer = async () => {
    const cache = await caches.open('shell');
    try {
      const response = await fetch(request);
      await cache.put(request, response.clone());
      return response;
    } catch {
      return (await cache.match(request)) ?? Response.error();
    }
  };
  respondWith.call(event, answer());
});
