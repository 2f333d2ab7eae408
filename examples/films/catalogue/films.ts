/** The catalogue of the example: what the app shows, and what the coordinator's task is about. */
import { filmList } from './film-list.ts';

export interface Film {
  readonly id: string;
  readonly title: string;
  readonly year: number;
  /** The first decides. */
  readonly genres: readonly string[];
  readonly description: string;
}

/** The first of every genre, then the second of each, and so on. */
export const films: readonly Film[] = inTurns(filmList.trim().split('\n').map(filmOf));

export const filmsById: ReadonlyMap<string, Film> = new Map(films.map((film) => [film.id, film]));

/** All genres, in the order of the alphabet. */
export const genres: readonly string[] = [...new Set(films.flatMap((film) => film.genres))].sort();

function idOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

function filmOf(line: string): Film {
  const [title, year, genres, description] = line.split('|');
  return { id: idOf(title), title, year: Number(year), genres: genres.split(','), description };
}

function inTurns(list: readonly Film[]): readonly Film[] {
  const sizes = new Map<string, number>();
  const placed = list.map((film) => {
    const place = sizes.get(film.genres[0]) ?? 0;
    sizes.set(film.genres[0], place + 1);
    return { film, place };
  });
  return placed.sort((a, b) => a.place - b.place).map(({ film }) => film);
}
