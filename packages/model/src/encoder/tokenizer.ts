/** Texts as the token ids that an encoder reads. */

/** Token ids of several texts, each padded on the right to the longest of them. */
export interface TokenBatch {
  readonly size: number;
  /** Tokens of the longest text, at least 1. */
  readonly length: number;
  /** [size * length] */
  readonly ids: Int32Array;
  /** [size * length], 1 for a token of the text and 0 for padding. */
  readonly mask: Int32Array;
  /** [size * length], 0 throughout: a text on its own is the first segment. */
  readonly typeIds: Int32Array;
}

export interface TokenizerOptions {
  /** Tokens kept of a text, special ones included; the tokenizer's `maximumLength` where left out. */
  readonly maximumLength?: number;
}

export interface TextTokenizer {
  /** One more than the largest id. */
  readonly vocabularySize: number;
  /** Tokens that are kept of a text where no option says otherwise, special ones included. */
  readonly maximumLength: number;
  /** Ids of a text, special tokens included, cut in the middle so that these stay. Not padded. */
  encodeOne(text: string, options?: TokenizerOptions): Int32Array;
  encode(texts: readonly string[], options?: TokenizerOptions): TokenBatch;
}
