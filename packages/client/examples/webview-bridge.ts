import type { Tributary } from '@tributary/client';

/** Answers a native app's calls, and tells it of events. Returns what the app calls in the page, with a call as JSON. */
export function bridge(tributary: Tributary, post: (json: string) => void): (call: string) => Promise<void> {
  const { track, recommend, similar, search, explain, summary, pause, resume, forget, wipe } = tributary;
  const { grant, revoke } = tributary.consent;
  const calls = { track, recommend, similar, search, explain, summary, pause, resume, forget, wipe, grant, revoke };
  const said = ({ code, message }: { readonly code?: string; readonly message: string }) => ({ code, message });
  for (const name of ['state', 'consent', 'version', 'history'] as const)
    tributary.on(name, (event) => post(JSON.stringify({ event: name, value: event })));
  tributary.on('error', (error) => post(JSON.stringify({ event: 'error', value: said(error) })));
  return async (call) => {
    const { id, name, input = [] } = JSON.parse(call);
    const method = Object.hasOwn(calls, name) ? calls[name as keyof typeof calls] : null;
    const asked = method as ((...input: unknown[]) => Promise<unknown>) | null;
    const answer = asked === null ? Promise.reject(new Error('There is no such call.')) : asked(...input);
    await answer.then(
      (value = null) => post(JSON.stringify({ id, value })),
      (error) => post(JSON.stringify({ id, error: said(error) })),
    );
  };
}
