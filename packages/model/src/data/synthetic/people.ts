/** Histories of generated people: tastes that drift, sessions with one theme, popular items before rare ones. */
import { type SeededRandom, seededRandom, shuffle } from '../../random/seeded.ts';
import type { InteractionRows } from '../interactions.ts';
import type { ThemedItem } from './items.ts';

/** Zipf-Mandelbrot: the item of popularity rank r is drawn in proportion to (r + offset)^-exponent. */
const popularityOffset = 6;
const popularityExponent = 0.9;
/** Weight of an item in the draws of its second theme, relative to its first. */
const secondThemeWeight = 0.4;
/** Share of interactions that follow popularity alone, whatever the taste. */
const explorationRate = 0.12;
/** Chance that a session goes on after each interaction: sessions have 5 on average. */
const sessionContinues = 0.8;
/** Weights of a person's favourite themes, at the beginning and at the end of the history. */
const tasteWeights = [0.55, 0.3, 0.15];
/** Standard deviation of the logarithm of a history's length. */
const lengthSpread = 0.6;
const shortestHistory = 5;

/** Items and their cumulative weights, to draw from by bisection. */
interface Draw {
  readonly items: Uint32Array;
  readonly cumulative: Float64Array;
}

function makeDraw(weights: readonly (readonly [item: number, weight: number])[]): Draw {
  let total = 0;
  const cumulative = Float64Array.from(weights, ([, weight]) => {
    total += weight;
    return total;
  });
  return { items: Uint32Array.from(weights, ([item]) => item), cumulative };
}

function drawItem({ items, cumulative }: Draw, random: SeededRandom): number {
  const point = random.next() * cumulative[cumulative.length - 1];
  let low = 0;
  let high = items.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cumulative[middle] <= point) low = middle + 1;
    else high = middle;
  }
  return items[low];
}

function drawTaste(taste: readonly number[], random: SeededRandom): number {
  let point = random.next();
  for (let place = 0; place < taste.length - 1; place++) {
    point -= tasteWeights[place];
    if (point < 0) return taste[place];
  }
  return taste[taste.length - 1];
}

export interface People {
  readonly users: number;
  readonly meanLength: number;
  readonly seed: number;
}

/** Draws every person's history and adds it to `rows`, oldest first, each person from an own stream of the seed. */
export function addHistories(
  catalogue: readonly ThemedItem[],
  { users, meanLength, seed }: People,
  rows: InteractionRows,
): void {
  const ranks = shuffle(
    Uint32Array.from(catalogue, (_, index) => index),
    seededRandom(seed, 1),
  );
  const weightOf = (item: number) => (ranks[item] + popularityOffset) ** -popularityExponent;
  const byPopularity = makeDraw(catalogue.map((_, item) => [item, weightOf(item)]));
  const byTheme = new Map<number, [number, number][]>();
  const put = (theme: number, item: number, weight: number) => {
    const members = byTheme.get(theme) ?? [];
    members.push([item, weight]);
    byTheme.set(theme, members);
  };
  for (const [item, { theme, secondTheme }] of catalogue.entries()) {
    put(theme, item, weightOf(item));
    if (secondTheme >= 0) put(secondTheme, item, weightOf(item) * secondThemeWeight);
  }
  const draws = new Map([...byTheme].map(([theme, members]) => [theme, makeDraw(members)]));
  const usedThemes = [...draws.keys()].sort((a, b) => a - b);

  const longest = Math.max(1, Math.floor(catalogue.length / 3));
  for (let user = 0; user < users; user++) {
    const random = seededRandom(seed, user + 2);
    const scale = Math.exp(lengthSpread * random.gaussian() - lengthSpread ** 2 / 2);
    const length = Math.min(longest, Math.max(shortestHistory, Math.round(meanLength * scale)));
    // The favourite of the beginning stays the second favourite of the end; the rest of the taste is new by then.
    const [a, b, c, d, e] = shuffle([...usedThemes], random);
    const before = [a, b ?? a, c ?? a];
    const after = [d ?? a, a, e ?? a];

    const seen = new Set<number>();
    let theme = a;
    for (let place = 0; place < length; place++) {
      if (place === 0 || random.next() >= sessionContinues) {
        theme = drawTaste(random.next() < place / length ? after : before, random);
      }
      let item = -1;
      for (let attempt = 0; attempt < 20 && (item < 0 || seen.has(item)); attempt++) {
        const explores = random.next() < explorationRate || attempt >= 10;
        item = drawItem(explores ? byPopularity : (draws.get(theme) ?? byPopularity), random);
      }
      if (seen.has(item)) continue;
      seen.add(item);
      rows.add(user, item, place);
    }
  }
}
