/** The other people: what each of them has seen, by a taste for a few genres. Deterministic. */
import { type SeededRandom, seededRandom } from '@tributary/model';
import { type Film, films, genres } from '../catalogue/films.ts';

/** Who likes the one often likes the other. */
const neighbours: Readonly<Record<string, readonly string[]>> = {
  Adventure: ['Family', 'Science fiction'],
  Animation: ['Family', 'Comedy'],
  Comedy: ['Family', 'Romance'],
  Crime: ['Mystery', 'Drama'],
  Documentary: ['History', 'Sport'],
  Drama: ['Romance', 'History'],
  Family: ['Animation', 'Comedy'],
  History: ['Documentary', 'Drama'],
  Horror: ['Mystery', 'Science fiction'],
  Mystery: ['Crime', 'Horror'],
  Romance: ['Comedy', 'Drama'],
  'Science fiction': ['Adventure', 'Horror'],
  Sport: ['Documentary', 'Drama'],
};
/** Shares of the favourite genre and of one beside it; what is left goes to anything. */
const tasteShares = [0.65, 0.25];
const shortestHistory = 12;
const longestHistory = 26;

/** @returns the ids of each person's films, oldest first, without repetition */
export function histories(people: number): readonly (readonly string[])[] {
  return Array.from({ length: people }, (_, person) => historyOf(person, seededRandom(1, person)));
}

function historyOf(person: number, random: SeededRandom): readonly string[] {
  // Favourites go round, so that every genre has somebody.
  const favourite = genres[person % genres.length];
  const beside = neighbours[favourite] ?? [];
  const taste = [favourite, beside[Math.floor(person / genres.length) % beside.length]];
  const length = shortestHistory + random.below(longestHistory - shortestHistory + 1);
  const seen = new Set<string>();
  for (let attempt = 0; seen.size < length && attempt < 50 * length; attempt++) {
    seen.add(drawFilm(ofTaste(taste, random), random).id);
  }
  return [...seen];
}

function ofTaste(taste: readonly string[], random: SeededRandom): readonly Film[] {
  let point = random.next();
  for (const [place, genre] of taste.entries()) {
    point -= tasteShares[place];
    if (point < 0) return films.filter((film) => film.genres.includes(genre));
  }
  return films;
}

/** The earlier in the list, the better known: a power of a uniform number leans to the front. */
function drawFilm(among: readonly Film[], random: SeededRandom): Film {
  return among[Math.floor(random.next() ** 1.5 * among.length)];
}
