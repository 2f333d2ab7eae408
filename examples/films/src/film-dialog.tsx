/** One film: what it is about, why it would be recommended, and what is like it. */
import { useExplanation, useSimilarItems } from '@tributary/client/react';
import { useEffect, useRef } from 'react';
import { type Film, filmsById } from '../catalogue/films.ts';
import { LikeButton } from './film-card.tsx';
import { Poster } from './poster.tsx';
import { useTaste } from './taste.tsx';

interface FilmDialogProps {
  readonly film: Film;
  readonly onOpen: (film: Film) => void;
  readonly onClose: () => void;
}

export function FilmDialog({ film, onOpen, onClose }: FilmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element !== null && !element.open) element.showModal();
  }, []);
  return (
    <dialog ref={dialog} className="film" aria-labelledby="film-title" onClose={onClose}>
      <Poster film={film} />
      <div className="film-text">
        <h2 id="film-title">{film.title}</h2>
        <p className="facts">
          {film.year} · {film.genres.join(', ')}
        </p>
        <p>{film.description}</p>
        <div className="card-actions">
          <LikeButton film={film} />
          <button type="button" className="quiet" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
        <Why film={film} />
        <Similar film={film} onOpen={onOpen} />
      </div>
    </dialog>
  );
}

/** The parts of the score, which add up to it. */
function Why({ film }: { readonly film: Film }) {
  const { liked } = useTaste();
  const { explanation } = useExplanation(film.id);
  if (explanation === undefined || liked.length === 0) return null;
  const parts = explanation.contributions.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, 5);
  const largest = Math.max(...parts.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  if (parts.length === 0) return null;
  return (
    <section aria-labelledby="film-why">
      <h3 id="film-why">What your likes say about it</h3>
      <ul className="parts">
        {parts.map(({ itemId, title, value }) => (
          <li key={itemId}>
            <span className="part-title">{title}</span>
            <span className="part-bar" aria-hidden="true">
              <span
                className={value < 0 ? 'against' : 'for'}
                style={{ inlineSize: `${(100 * Math.abs(value)) / largest}%` }}
              />
            </span>
            <span className="part-value">{signed(value)}</span>
          </li>
        ))}
      </ul>
      <p className="hint">
        Computed on this device. The film’s score, {explanation.score.toFixed(2)}, is the sum of such parts.
      </p>
    </section>
  );
}

function Similar({ film, onOpen }: { readonly film: Film; readonly onOpen: (film: Film) => void }) {
  const { items } = useSimilarItems(film.id, { count: 4 });
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="film-similar">
      <h3 id="film-similar">Liked by the same people</h3>
      <ul className="titles">
        {items.map(({ id, title }) => (
          <li key={id}>
            <button
              type="button"
              onClick={() => {
                const similar = filmsById.get(id);
                if (similar !== undefined) onOpen(similar);
              }}
            >
              {title}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}
