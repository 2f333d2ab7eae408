export { type CosineIndex, createCosineIndex } from './cosine-index.ts';
export { candidatesFor, diversify } from './diversify.ts';
export { type ExplainOptions, explainScore, type ScoreExplanation } from './explain.ts';
export { estimatePopularity } from './popularity-estimate.ts';
export { rankOf, type TopItems, type TopKOptions, topK } from './top-k.ts';
export { createWordIndex, type WordIndex } from './word-index.ts';
export { wordsOf } from './words.ts';
