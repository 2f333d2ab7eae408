/** One film: what it is about, why it would be recommended, and what is like it. */
import { type Film, filmsById } from '../catalogue/films.ts';
import { LikeButton } from './film-card.tsx';
import { CloseButton, ItemDialog } from './item-dialog.tsx';
import { Poster } from './poster.tsx';
import { ScoreParts } from './score-parts.tsx';
import { SimilarItems } from './similar-items.tsx';

interface FilmDialogProps {
  readonly film: Film;
  readonly onOpen: (film: Film) => void;
  readonly onClose: () => void;
}

export function FilmDialog({ film, onOpen, onClose }: FilmDialogProps) {
  return (
    <ItemDialog titledBy="film-title" onClose={onClose}>
      <Poster film={film} />
      <div className="item-text">
        <h2 id="film-title">{film.title}</h2>
        <p className="facts">
          {film.year} · {film.genres.join(', ')}
        </p>
        <p>{film.description}</p>
        <div className="card-actions">
          <LikeButton film={film} />
          <CloseButton />
        </div>
        <ScoreParts itemId={film.id} heading="What your likes say about it" />
        <SimilarItems
          itemId={film.id}
          heading="Liked by the same people"
          onOpen={(id) => {
            const similar = filmsById.get(id);
            if (similar !== undefined) onOpen(similar);
          }}
        />
      </div>
    </ItemDialog>
  );
}
