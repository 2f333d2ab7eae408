/** Words of a text in any language, in a form in which spellings that mean the same are the same. */

/** Scripts that put no space between words. */
const unspaced =
  /[\p{Script_Extensions=Han}\p{Script_Extensions=Hiragana}\p{Script_Extensions=Katakana}\p{Script_Extensions=Thai}\p{Script_Extensions=Lao}\p{Script_Extensions=Khmer}\p{Script_Extensions=Myanmar}]+/gu;
const foreign = /\P{ASCII}/u;
const plainWord = /[a-z0-9]+/g;
const word = /[\p{L}\p{M}\p{N}]+/gu;
/** Accents of Latin, Greek and Cyrillic letters, after NFKD; signs of other scripts, which are vowels, stay. */
const accents = /[\u0300-\u036f]/g;

/**
 * Compatibility forms decomposed (NFKD), accents and case folded: 'Amélie', 'AMELIE' and 'Ａmelie' are one word. Runs of scripts without
 * spaces give their characters and pairs of neighbours, as usual where there is no dictionary. No stemming, which would need to
 * know the language.
 *
 * @returns in the order of the text, repeats kept
 */
export function wordsOf(text: string): string[] {
  // ASCII, which nothing needs to be folded in but case, many times as fast.
  if (!foreign.test(text)) return text.toLowerCase().match(plainWord) ?? [];
  // Upper case first, for 'ß' to be 'ss'; a sigma at a word's end is a sigma.
  const folded = text.normalize('NFKD').replace(accents, '').toUpperCase().toLowerCase().replaceAll('ς', 'σ');
  const words: string[] = [];
  for (const [run] of folded.matchAll(word)) {
    let from = 0;
    for (const match of run.matchAll(unspaced)) {
      if (match.index > from) words.push(run.slice(from, match.index));
      pushPairs(match[0], words);
      from = match.index + match[0].length;
    }
    if (from < run.length) words.push(run.slice(from));
  }
  return words;
}

function pushPairs(run: string, words: string[]): void {
  const characters = [...run];
  for (const [at, character] of characters.entries()) {
    words.push(character);
    if (at > 0) words.push(characters[at - 1] + character);
  }
}
