interface Common {
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateSize: number;
  readonly vocabularySize: number;
  readonly maximumPositions: number;
  readonly layerNormEpsilon: number;
  readonly activation: 'gelu' | 'gelu-new' | 'relu';
  readonly pooling: 'mean' | 'cls' | 'last';
  readonly normalise: boolean;
}
export interface BertConfiguration extends Common {
  readonly family: 'bert';
  readonly architecture: 'bert' | 'distilbert' | 'roberta' | 'electra';
  readonly embeddingSize: number;
  readonly typeVocabularySize: number;
  readonly firstPosition: number;
  readonly paddingId: number;
}
export interface Gpt2Configuration extends Common {
  readonly family: 'gpt2';
}
export type EncoderConfiguration = BertConfiguration | Gpt2Configuration;
