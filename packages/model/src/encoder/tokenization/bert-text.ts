/**
 * BERT's cleaning and splitting of text (Devlin et al. 2018, BasicTokenizer), exactly as the reference implementation in Rust does
 * it. The JavaScript library differs there: Unicode tables of the engine's age, CJK characters beyond the basic plane, the final
 * sigma, and accents after instead of before lower case.
 */
import { classOf } from './character-class.ts';
import { accentRanges, punctuationRanges, removedRanges, undecomposedRanges } from './unicode.generated.ts';

export interface BertNormalisation {
  /** Drops controls, and makes every kind of white space a space. */
  readonly cleanText: boolean;
  readonly separateCjk: boolean;
  readonly lowerCase: boolean;
  readonly stripAccents: boolean;
}

const removed = new RegExp(`[${classOf(removedRanges)}]`, 'gu');
const space = /\p{White_Space}/gu;
const accents = new RegExp(`[${classOf(accentRanges)}]`, 'gu');
const decomposable = new RegExp(`[^${classOf(undecomposedRanges)}]+`, 'gu');
/** U+2B820 to U+2B91F are left out by the reference. */
const cjk =
  /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;
const punctuation = classOf(punctuationRanges);
const words = new RegExp(`[${punctuation}]|[^\\p{White_Space}${punctuation}]+`, 'gu');

/** Text as WordPiece gets it. */
export function normaliseBertText(
  text: string,
  { cleanText, separateCjk, lowerCase, stripAccents }: BertNormalisation,
): string {
  let out = text;
  if (cleanText) out = out.replace(removed, '').replace(space, ' ');
  if (separateCjk) out = out.replace(cjk, ' $& ');
  if (stripAccents) out = out.replace(decomposable, (part) => part.normalize('NFD')).replace(accents, '');
  // Sigma alone: the engine's rule for the end of a word looks at its neighbours, the reference's does not.
  if (lowerCase) out = out.replace(/Σ|[^Σ]+/gu, (part) => part.toLowerCase());
  return out;
}

/** Words and single punctuation marks; white space is dropped. */
export function splitBertWords(text: string): string[] {
  return text.match(words) ?? [];
}
