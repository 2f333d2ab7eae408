/** What the model on this device recommends, and of each film why. */
import { useRecommendations } from '@tributary/client/react';
import { useState } from 'react';
import { type Film, filmsById } from '../catalogue/films.ts';
import { FilmCard } from './film-card.tsx';
import { NoRecommendations } from './no-recommendations.tsx';
import { Because } from './score-parts.tsx';
import { useTaste } from './taste.tsx';
import { Variety } from './variety.tsx';

const shown = 6;

export function ForYou({ onOpen }: { readonly onOpen: (film: Film) => void }) {
  const [diversity, setDiversity] = useState(0.2);
  const { notForMe } = useTaste();
  const { items, recommendationId, basis, status } = useRecommendations({ count: shown, diversity, exclude: notForMe });
  return (
    <section aria-labelledby="for-you">
      <header className="section-head">
        <h2 id="for-you">For you</h2>
        {items.length === 0 ? null : <Variety value={diversity} onChange={setDiversity} />}
      </header>
      {items.length === 0 ? (
        <NoRecommendations status={status} />
      ) : (
        <>
          <p className="hint">
            {basis === 'history'
              ? 'Ranked on this device, from what you liked and from the model that everybody trains.'
              : 'You have liked nothing yet, so these are what the model takes to be liked by everybody. Like a film below and watch it move.'}
          </p>
          <ul className="cards" data-testid="for-you">
            {items.map(({ id }) => {
              const film = filmsById.get(id);
              return film === undefined ? null : (
                <FilmCard key={id} film={film} onOpen={onOpen} recommendationId={recommendationId}>
                  {basis === 'history' ? <Because itemId={id} deed="liked" /> : null}
                </FilmCard>
              );
            })}
          </ul>
        </>
      )}
    </section>
  );
}
