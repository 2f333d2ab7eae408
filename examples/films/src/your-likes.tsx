/** What the person liked, the latest first. */
import { type Film, filmsById } from '../catalogue/films.ts';
import { useTaste } from './taste.tsx';

export function YourLikes({ onOpen }: { readonly onOpen: (film: Film) => void }) {
  const { liked } = useTaste();
  if (liked.length === 0) return null;
  return (
    <section aria-labelledby="likes">
      <h2 id="likes">You like</h2>
      <ul className="titles">
        {liked.map((id) => {
          const film = filmsById.get(id);
          return film === undefined ? null : (
            <li key={id}>
              <button type="button" onClick={() => onOpen(film)}>
                {film.title}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
