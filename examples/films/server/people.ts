/** The other people: what each of them has had, by a taste for a few groups of the catalogue. Deterministic. */
import { type SeededRandom, seededRandom } from '@tributary/model';

export interface ExampleItem {
  readonly id: string;
  readonly title: string;
  readonly attributes: readonly string[];
  readonly description: string;
}

export interface Catalogue {
  /** The earlier, the better known. */
  readonly items: readonly ExampleItem[];
  /** Attributes that somebody has a taste for; who likes the one often likes the others. */
  readonly neighbours: Readonly<Record<string, readonly string[]>>;
}

/** Shares of the favourite and of one beside it; what is left goes to anything. */
const tasteShares = [0.65, 0.25];
const shortestHistory = 12;
const longestHistory = 26;

/** @returns the ids of each person's items, oldest first, without repetition */
export function histories(catalogue: Catalogue, people: number): readonly (readonly string[])[] {
  return Array.from({ length: people }, (_, person) => historyOf(catalogue, person, seededRandom(1, person)));
}

function historyOf({ items, neighbours }: Catalogue, person: number, random: SeededRandom): readonly string[] {
  // Favourites go round, so that every one has somebody.
  const favourites = Object.keys(neighbours);
  const favourite = favourites[person % favourites.length];
  const beside = neighbours[favourite];
  const taste = [favourite, beside[Math.floor(person / favourites.length) % beside.length]];
  const length = shortestHistory + random.below(longestHistory - shortestHistory + 1);
  const had = new Set<string>();
  for (let attempt = 0; had.size < length && attempt < 50 * length; attempt++) {
    had.add(drawItem(ofTaste(items, taste, random), random).id);
  }
  return [...had];
}

function ofTaste(
  items: readonly ExampleItem[],
  taste: readonly string[],
  random: SeededRandom,
): readonly ExampleItem[] {
  let point = random.next();
  for (const [place, attribute] of taste.entries()) {
    point -= tasteShares[place];
    if (point < 0) return items.filter(({ attributes }) => attributes.includes(attribute));
  }
  return items;
}

/** A power of a uniform number leans to the front. */
function drawItem(among: readonly ExampleItem[], random: SeededRandom): ExampleItem {
  return among[Math.floor(random.next() ** 1.5 * among.length)];
}
