/** A film in a list. */
import type { ReactNode } from 'react';
import type { Film } from '../catalogue/films.ts';
import { Poster } from './poster.tsx';
import { useTaste } from './taste.tsx';

interface FilmCardProps {
  readonly film: Film;
  readonly onOpen: (film: Film) => void;
  /** Where the film was recommended. */
  readonly recommendationId?: string | undefined;
  /** Why it is here. */
  readonly children?: ReactNode;
}

export function FilmCard({ film, onOpen, recommendationId, children }: FilmCardProps) {
  return (
    <li className="card">
      <Poster film={film} />
      <div className="card-text">
        <h3>
          <button type="button" className="card-title" onClick={() => onOpen(film)}>
            {film.title}
          </button>
        </h3>
        <p className="facts">
          {film.year} · {film.genres.join(', ')}
        </p>
        <p className="line">{film.description}</p>
        {children}
      </div>
      <div className="card-actions">
        <LikeButton film={film} recommendationId={recommendationId} />
        {recommendationId === undefined ? null : <NotForMeButton film={film} />}
      </div>
    </li>
  );
}

export function LikeButton({ film, recommendationId }: Pick<FilmCardProps, 'film' | 'recommendationId'>) {
  const { liked, like } = useTaste();
  const isLiked = liked.includes(film.id);
  return (
    <button
      type="button"
      className="like"
      aria-pressed={isLiked}
      aria-label={`Like ${film.title}`}
      aria-disabled={isLiked}
      onClick={() => {
        if (!isLiked) like(film.id, recommendationId);
      }}
    >
      <span aria-hidden="true">{isLiked ? '♥' : '♡'} Like</span>
    </button>
  );
}

function NotForMeButton({ film }: { readonly film: Film }) {
  const { dismiss } = useTaste();
  return (
    <button type="button" className="quiet" aria-label={`${film.title} is not for me`} onClick={() => dismiss(film.id)}>
      <span aria-hidden="true">Not for me</span>
    </button>
  );
}
