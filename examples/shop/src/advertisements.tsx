/** Advertisements: chosen on this device among sponsored products, and no more often than the caps allow. */
import { useRecommendations } from '@tributary/client/react';
import { ScoreParts, useStrongestReason } from 'films/src/score-parts.tsx';
import { useEffect, useState } from 'react';
import { type Product, productsById, sponsoredAttribute } from '../catalogue/products.ts';
import { allowed, type FrequencyCap, remembered } from './frequency-cap.ts';
import { currentSession, readImpressions, writeImpressions } from './impressions.ts';
import { ProductCard } from './product-card.tsx';

/** Side by side in one view of the page. */
const places = 2;
const cap: FrequencyCap = { perSession: 4, perItem: 3, windowMilliseconds: 86_400_000 };

export function Advertisements() {
  const { items, recommendationId, status } = useRecommendations({ count: 100, attributes: [sponsoredAttribute] });
  const [shownIds, setShownIds] = useState<readonly string[] | null>(null);

  // Once for a view of the page: what has been shown stays, and counts one time.
  useEffect(() => {
    if (shownIds !== null || status !== 'ready') return;
    const moment = { now: Date.now(), session: currentSession() };
    const impressions = remembered(readImpressions(), cap, moment);
    const candidates = items.map(({ id }) => id);
    const chosen = allowed(candidates, impressions, cap, moment).slice(0, places);
    writeImpressions([
      ...impressions,
      ...chosen.map((itemId) => ({ itemId, at: moment.now, session: moment.session })),
    ]);
    setShownIds(chosen);
  }, [items, status, shownIds]);

  if (shownIds === null) return null;
  return (
    <section aria-labelledby="advertisements">
      <h2 id="advertisements">Advertisements</h2>
      <p className="hint">
        Chosen on this device. At most {cap.perSession} on a visit, each at most {cap.perItem} times a day; nobody is
        told which ones you saw.
      </p>
      {shownIds.length === 0 ? (
        <p className="empty">You have seen enough of them for now.</p>
      ) : (
        <ul className="cards" data-testid="advertisements">
          {shownIds.map((id) => {
            const product = productsById.get(id);
            return product === undefined ? null : (
              <ProductCard key={id} product={product} recommendationId={recommendationId}>
                <Why product={product} />
              </ProductCard>
            );
          })}
        </ul>
      )}
    </section>
  );
}

function Why({ product }: { readonly product: Product }) {
  const reason = useStrongestReason(product.id);
  return (
    <details className="why">
      <summary>
        Why this one<span className="visually-hidden">: {product.title}</span>?
      </summary>
      <p className="hint">
        {product.brand} pays for the place.{' '}
        {reason === undefined
          ? 'Of all sponsored products it comes first in the model that everybody trains; you have bought nothing yet that speaks for one.'
          : `Of all sponsored products it fits you best: you bought “${reason.title}”.`}
      </p>
      <ScoreParts itemId={product.id} heading="What your purchases say about it" />
    </details>
  );
}
