/** Asked before anything is sent. */
import { useConsent } from '@tributary/client/react';

/** @param deed what the person does with items, in one word: what you … */
export function ConsentNotice({ deed }: { readonly deed: string }) {
  const { status, grant, revoke } = useConsent();
  if (status === 'granted') return null;
  if (status === 'denied') {
    return (
      <aside className="notice" aria-label="Taking part">
        <p>You take no part in training. Nothing is sent.</p>
        <button type="button" className="primary" onClick={() => void grant()}>
          Take part after all
        </button>
      </aside>
    );
  }
  return (
    <section className="notice" aria-labelledby="consent">
      <h2 id="consent">Recommendations that learn without seeing you</h2>
      <p>
        What you {deed} stays on this device. If you agree, the device fetches a model, improves it with what you {deed}
        , and sends back a masked list of numbers: alone it is noise, only the sum over at least twenty devices can be
        read. You can stop, and erase everything here, at any time.
      </p>
      <div className="card-actions">
        <button type="button" className="primary" onClick={() => void grant()}>
          Take part
        </button>
        <button type="button" className="quiet" onClick={() => void revoke()}>
          No, thank you
        </button>
      </div>
    </section>
  );
}
