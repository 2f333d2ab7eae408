/** The word lists: what the built-in encoder knows. One topic a line, groups of near-synonyms inside it. */
import { readFileSync } from 'node:fs';

export interface Topic {
  readonly list: string;
  /** Names of the topic itself, as "horror film". */
  readonly names: readonly string[];
  /** Words and short phrases that mean nearly the same. */
  readonly groups: readonly (readonly string[])[];
}

/** `name,name|word,word;word,word` — lines that begin with # are comments. */
export function parseTopics(list: string, text: string): Topic[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [names, groups] = line.split('|');
      return { list, names: names.split(','), groups: groups.split(';').map((group) => group.split(',')) };
    });
}

export const wordLists = ['stories', 'goods', 'food', 'culture', 'general'] as const;

export function readTopics(): Topic[] {
  return wordLists.flatMap((list) =>
    parseTopics(list, readFileSync(new URL(`./words/${list}.txt`, import.meta.url), 'utf8')),
  );
}
