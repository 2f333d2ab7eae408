/** A recommender as a dishonest device runs it: its training lies, its ranking does not. */
import type { BoundRecommender, ContributionPart, LocalContribution } from '@tributary/model';
import type { Dishonesty } from './options.ts';

/** Weighs as much as any contribution can. */
const manyExamples = 2 ** 31;

export function dishonestly(bound: BoundRecommender, dishonesty: Dishonesty): BoundRecommender {
  return {
    fitPrivateState: bound.fitPrivateState,
    score: bound.score,
    train(history, random) {
      if (dishonesty.kind === 'crafted') {
        return { contribution: dishonesty.contribution, examples: manyExamples, loss: 0 };
      }
      const trained = bound.train(history, random);
      return { ...trained, contribution: times(trained.contribution, dishonesty.factor) };
    },
  };
}

function times({ size, parts }: LocalContribution, factor: number): LocalContribution {
  const scale = (values: Float32Array) => values.map((value) => factor * value);
  const scaled = (part: ContributionPart): ContributionPart =>
    part.kind === 'multiples' ? { ...part, vector: scale(part.vector) } : { ...part, values: scale(part.values) };
  return { size, parts: parts.map(scaled) };
}
