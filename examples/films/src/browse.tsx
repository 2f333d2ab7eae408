/** The catalogue: search, genres, and all films. */
import { useSearch } from '@tributary/client/react';
import { useId, useState } from 'react';
import { type Film, films, filmsById, genres } from '../catalogue/films.ts';
import { FilmCard } from './film-card.tsx';

const pageSize = 18;

export function Browse({ onOpen }: { readonly onOpen: (film: Film) => void }) {
  const [text, setText] = useState('');
  const [genre, setGenre] = useState<string | null>(null);
  const [pages, setPages] = useState(1);
  const field = useId();
  const found = useFound(text);
  const matching = genre === null ? found : found.filter((film) => film.genres.includes(genre));
  const shown = matching.slice(0, pages * pageSize);
  return (
    <section aria-labelledby="browse">
      <header className="section-head">
        <h2 id="browse">All films</h2>
        <search className="search">
          <label htmlFor={field}>Search</label>
          <input
            id={field}
            type="search"
            placeholder="lighthouse, first love, a heist …"
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setPages(1);
            }}
          />
        </search>
      </header>
      <fieldset className="choices">
        <legend className="visually-hidden">Genre</legend>
        {genres.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={genre === name}
            onClick={() => setGenre(genre === name ? null : name)}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <p className="hint" role="status">
        {matching.length === 1 ? '1 film' : `${matching.length} films`}
        {text.trim() === '' ? '' : ' found, without leaving this device'}
      </p>
      <ul className="cards">
        {shown.map((film) => (
          <FilmCard key={film.id} film={film} onOpen={onOpen} />
        ))}
      </ul>
      {shown.length < matching.length ? (
        <button type="button" className="more" onClick={() => setPages(pages + 1)}>
          Show more
        </button>
      ) : null}
    </section>
  );
}

/** By the SDK once it has a model with its catalogue; by the page's own catalogue before. */
function useFound(text: string): readonly Film[] {
  const { items, status } = useSearch(text, { count: films.length });
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return films;
  if (status === 'ready') return items.flatMap(({ id }) => filmsById.get(id) ?? []);
  return films.filter(({ title, description, genres: of }) => {
    const all = `${title} ${description} ${of.join(' ')}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
