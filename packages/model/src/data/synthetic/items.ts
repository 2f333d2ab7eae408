/** Titles, genres and descriptions of generated items, each in the words of its themes. */
import { type SeededRandom, shuffle } from '../../random/seeded.ts';
import type { Item } from '../dataset.ts';
import { type Theme, themes } from './vocabulary.ts';

/** An item's themes: the first decides its title, both its genres and its description. */
export interface ThemedItem {
  readonly item: Item;
  readonly theme: number;
  /** -1 where there is none. */
  readonly secondTheme: number;
}

function pick<T>(values: readonly T[], random: SeededRandom): T {
  return values[random.below(values.length)];
}

function capitalised(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

function inTitleCase(text: string): string {
  return text.replace(/(^|[ -])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

function makeTitle(theme: Theme, random: SeededRandom): string {
  const noun = pick(theme.nouns, random);
  const adjective = pick(theme.adjectives, random);
  const hero = pick(theme.heroes, random);
  const place = pick(theme.places, random).replace(/^(the|a) /, '');
  const forms = [
    `the ${adjective} ${noun}`,
    `${adjective} ${noun}`,
    `the ${noun} of ${place}`,
    `the ${hero}'s ${noun}`,
    `${adjective} ${place}`,
    `the ${hero} and the ${noun}`,
  ];
  return inTitleCase(pick(forms, random)).replace(/(?<= )(Of|And|The)(?= )/g, (word) => word.toLowerCase());
}

function makeDescription(theme: Theme, second: Theme, random: SeededRandom): string {
  const { adjectives, heroes, places } = theme;
  const nouns = shuffle([...theme.nouns], random);
  const secondNouns = second === theme ? nouns : shuffle([...second.nouns], random);
  const opening = pick(
    [
      `In ${pick(places, random)}, ${withArticle(pick(heroes, random))} comes upon ${withArticle(pick(adjectives, random))} ${nouns[0]}.`,
      `${capitalised(withArticle(pick(heroes, random)))} returns to ${pick(places, random)} for the sake of ${withArticle(pick(adjectives, random))} ${nouns[0]}.`,
      `Nobody in ${pick(places, random)} speaks of the ${nouns[0]}, until ${withArticle(pick(heroes, random))} arrives.`,
    ],
    random,
  );
  const turn = pick(
    [
      `With the help of ${withArticle(pick(second.heroes, random))}, the search leads to the ${pick(second.adjectives, random)} ${secondNouns[2]}.`,
      `What begins with the ${nouns[1]} ends in ${pick(second.places, random)}, where ${withArticle(pick(second.heroes, random))} is waiting.`,
      `Then the ${secondNouns[2]} changes everything, and the ${pick(adjectives, random)} past catches up.`,
    ],
    random,
  );
  const kind = theme.genre === second.genre ? theme.genre : `${theme.genre} and ${second.genre}`;
  return `${opening} ${turn} ${capitalised(kind.toLowerCase())} about the ${nouns[3]} and the ${secondNouns[4]}.`;
}

/** Items with distinct titles, about equally many of each theme; a third has a second theme. */
export function makeItems(count: number, random: SeededRandom): ThemedItem[] {
  const titles = new Map<string, number>();
  const digits = Math.max(4, String(count).length);
  return Array.from({ length: count }, (_, index) => {
    const theme = random.below(themes.length);
    const other = random.next() < 1 / 3 ? random.below(themes.length) : theme;
    const secondTheme = other === theme ? -1 : other;
    const bare = makeTitle(themes[theme], random);
    const times = (titles.get(bare) ?? 0) + 1;
    titles.set(bare, times);
    return {
      theme,
      secondTheme,
      item: {
        id: `item-${String(index + 1).padStart(digits, '0')}`,
        title: times === 1 ? bare : `${bare}, Part ${times}`,
        attributes: [...new Set([themes[theme].genre, themes[other].genre])],
        description: makeDescription(themes[theme], themes[other], random),
      },
    };
  });
}
