/** What the model on this device recommends, and of each film why. */
import { useConsent, useExplanation, useRecommendations } from '@tributary/client/react';
import { useId, useState } from 'react';
import { type Film, filmsById } from '../catalogue/films.ts';
import { FilmCard } from './film-card.tsx';
import { useTaste } from './taste.tsx';

const shown = 6;

export function ForYou({ onOpen }: { readonly onOpen: (film: Film) => void }) {
  const [diversity, setDiversity] = useState(0.2);
  const { notForMe } = useTaste();
  const { status: consent } = useConsent();
  const { items, recommendationId, basis, status } = useRecommendations({ count: shown, diversity, exclude: notForMe });
  const variety = useId();
  return (
    <section aria-labelledby="for-you">
      <header className="section-head">
        <h2 id="for-you">For you</h2>
        {items.length === 0 ? null : (
          <label htmlFor={variety} className="range">
            Variety
            <input
              id={variety}
              type="range"
              min="0"
              max="1"
              step="0.1"
              value={diversity}
              onChange={(event) => setDiversity(Number(event.target.value))}
            />
          </label>
        )}
      </header>
      {items.length === 0 ? (
        <p className="empty">{reasonForNone(consent, status)}</p>
      ) : (
        <>
          <p className="hint">
            {basis === 'history'
              ? 'Ranked on this device, from what you liked and from the model that everybody trains.'
              : 'You have liked nothing yet, so this is the model’s own order. Like a film below and watch it move.'}
          </p>
          <ul className="cards" data-testid="for-you">
            {items.map(({ id }) => {
              const film = filmsById.get(id);
              return film === undefined ? null : (
                <FilmCard key={id} film={film} onOpen={onOpen} recommendationId={recommendationId}>
                  {basis === 'history' ? <Because filmId={id} /> : null}
                </FilmCard>
              );
            })}
          </ul>
        </>
      )}
    </section>
  );
}

function reasonForNone(consent: string, status: string): string {
  if (consent === 'pending') return 'Recommendations need the model, which is fetched once you agree to take part.';
  if (consent === 'denied')
    return 'You take no part, so no model is fetched. The catalogue and your likes work all the same.';
  return status === 'error' ? 'There is no model here yet. It comes with the connection.' : 'Fetching the model …';
}

/** The film of the person's own history that speaks most for this one. */
function Because({ filmId }: { readonly filmId: string }) {
  const { explanation } = useExplanation(filmId);
  const strongest = explanation?.contributions.toSorted((a, b) => b.value - a.value)[0];
  if (strongest === undefined || strongest.value <= 0) return null;
  return <p className="because">Because you liked {strongest.title}</p>;
}
