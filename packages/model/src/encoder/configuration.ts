/** What an encoder is made of, whatever its file calls it. */

interface Common {
  /** Width of the hidden states and of an embedding. */
  readonly hiddenSize: number;
  readonly layers: number;
  /** Divides `hiddenSize`. */
  readonly heads: number;
  /** Width between the two maps of a feed-forward block. */
  readonly intermediateSize: number;
  /** Rows of the token embeddings. */
  readonly vocabularySize: number;
  /** Rows of the position embeddings. */
  readonly maximumPositions: number;
  readonly layerNormEpsilon: number;
  /** 'gelu' by the error function, 'gelu-new' by its approximation with tanh (Hendrycks and Gimpel 2016). */
  readonly activation: 'gelu' | 'gelu-new' | 'relu';
  /** What of the last hidden states an embedding is: their mean, the first or the last. */
  readonly pooling: 'mean' | 'cls' | 'last';
  /** Whether embeddings are divided by their L2 norm. */
  readonly normalise: boolean;
}

export interface BertConfiguration extends Common {
  readonly family: 'bert';
  readonly architecture: 'bert' | 'distilbert' | 'roberta' | 'electra';
  /** Width of the token embeddings; below `hiddenSize` in ELECTRA-small, which projects them. */
  readonly embeddingSize: number;
  /** Rows of the segment embeddings; 0 where there are none (DistilBERT). */
  readonly typeVocabularySize: number;
  /** The position of the first token; RoBERTa counts from its padding id + 1. */
  readonly firstPosition: number;
  readonly paddingId: number;
}

export interface Gpt2Configuration extends Common {
  readonly family: 'gpt2';
}

export type EncoderConfiguration = BertConfiguration | Gpt2Configuration;
