/** A recommender as a dishonest device runs it: its training lies, its ranking does not. */
import type { BoundRecommender, ContributionPart, LocalContribution } from '@tributary/model';
import type { Dishonesty } from './options.ts';

/** Weighs as much as any contribution can. */
const manyExamples = 2 ** 31;

export function dishonestly(bound: BoundRecommender, dishonesty: Dishonesty): BoundRecommender {
  return {
    ...bound,
    train(history, random) {
      if (dishonesty.kind === 'crafted') {
        return { contribution: dishonesty.contribution, examples: manyExamples, loss: 0 };
      }
      const trained = bound.train(history, random);
      return { ...trained, contribution: scaled(trained.contribution, dishonesty) };
    },
  };
}

type Scaling = Dishonesty & { readonly kind: 'scaled' };

function scaled({ size, parts }: LocalContribution, { factor, item }: Scaling): LocalContribution {
  const kept = item === undefined ? parts : parts.flatMap((part) => rowsOf(part, item));
  const scale = (values: Float32Array) => values.map((value) => factor * value);
  return {
    size,
    parts: kept.map((part) =>
      part.kind === 'multiples' ? { ...part, vector: scale(part.vector) } : { ...part, values: scale(part.values) },
    ),
  };
}

/** The part with the item's row alone; none of a dense block. */
function rowsOf(part: ContributionPart, item: number): ContributionPart[] {
  if (part.kind === 'dense') return [];
  const at = part.rows.indexOf(item);
  if (at < 0) return [];
  const rows = part.rows.slice(at, at + 1);
  if (part.kind === 'multiples') return [{ ...part, rows, factors: part.factors.slice(at, at + 1) }];
  return [{ ...part, rows, values: part.values.slice(at * part.rowSize, (at + 1) * part.rowSize) }];
}
