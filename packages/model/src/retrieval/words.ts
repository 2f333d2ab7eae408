/** Words of a text in any language, in a form in which spellings that mean the same are the same. */

/** Scripts that put no space between words: Thai, Lao, Burmese, Khmer, Kana and Han. */
const unspaced =
  /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\u{20000}-\u{3ffff}]+/gu;
const foreign = /[\u0080-\uffff]/;
const plainWord = /[a-z0-9]+/g;
const word = wordPattern();
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

/** Some engines of phones do not know Unicode's properties, and would not even read a program that names them. */
function wordPattern(): RegExp {
  // A text: as a literal it would be read, and refused, before anything could catch that.
  const byProperties = '[\\p{L}\\p{M}\\p{N}]+';
  try {
    return new RegExp(byProperties, 'gu');
  } catch {
    return /[a-z0-9\u0080-\u1fff\u2c00-\uffff]+/g;
  }
}
