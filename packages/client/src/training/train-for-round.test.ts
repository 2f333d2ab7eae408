import {
  contributionNorm,
  createRecommender,
  groupNorms,
  type OnDeviceSpecification,
  type RecommenderSpecification,
  scatterContribution,
  seededRandom,
  type TrainableEncoder,
} from '@tributary/model';
import { isWithinClip, l2Norm } from '@tributary/privacy';
import { decodePayload, evaluationMetrics } from '@tributary/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUpdate } from './encode-update.ts';
import { contributionWeight, type LocalPlan, trainForRound } from './train-for-round.ts';

const items = 40;
const local = {
  epochs: 2,
  reconstructionEpochs: 1,
  batchSize: 8,
  learningRate: 0.5,
  privateLearningRate: 0.5,
  negativesPerPositive: 2,
  regularisation: 0.01,
};
const specifications: readonly RecommenderSpecification[] = [
  {
    kind: 'implicit-als',
    itemCount: items,
    dimension: 6,
    unobservedWeight: 0.15,
    regularisation: 0.004,
    initialScale: 0.5,
    recency: null,
    recencyInTraining: false,
    itemCap: null,
    groupScales: { rows: 1, counts: 0.1, outer: 0.5 },
  },
  { kind: 'matrix-factorisation', itemCount: items, dimension: 6, initialScale: 0.5, local, backend: 'fused' },
];

/** Texts of three numbers, and an encoder that multiplies them by its adapter. */
const textWidth = 3;
const encodings = {
  width: textWidth,
  values: Float32Array.from({ length: items * textWidth }, (_, at) => Math.sin(1.7 * at)),
  source: 'test',
};
const hybrid: OnDeviceSpecification = {
  kind: 'hybrid',
  plan: 'full',
  itemCount: items,
  dimension: 6,
  initialScale: 0.5,
  features: { text: true, attributes: false },
  textWidth,
  scorer: { kind: 'dot' },
  local,
  fusionRate: 1,
  adapter: { rank: 1, alpha: 1, targets: ['query'], lastLayers: null, frozenA: true, size: 1, rate: 1, texts: 4 },
  groupScales: { rows: 1, fusion: 2, adapter: 3 },
  groupClip: null,
};
const scaling: TrainableEncoder = {
  width: textWidth,
  texts: items,
  adapterTensors: [{ name: 'scale', shape: [1] }],
  initialAdapter: () => Float32Array.of(1),
  encode: ([scale], rows = Uint32Array.from({ length: items }, (_, row) => row)) =>
    Float32Array.from({ length: rows.length * textWidth }, (_, at) => {
      const row = rows[Math.floor(at / textWidth)];
      return scale * encodings.values[row * textWidth + (at % textWidth)];
    }),
  gradient: (_scale, gradient, rows = new Uint32Array(0)) => {
    const unscaled = scaling.encode(Float32Array.of(1), rows);
    return Float32Array.of(gradient.reduce((sum, value, at) => sum + value * unscaled[at], 0));
  },
};

function setting(specification: RecommenderSpecification) {
  const recommender = createRecommender(specification, { encodings, encoder: scaling });
  // Off the first parameters, where a projection of zero hides texts from the adapter.
  const bound = recommender.bind(recommender.initialise(3).map((value, at) => value + 0.05 * Math.cos(at)));
  const layoutSizes = { items, contribution: recommender.contributionLayout.size };
  const train = (history: number[], plan: LocalPlan, seed = 1) =>
    trainForRound({
      bound,
      layoutSizes,
      history: { items: Uint32Array.from(history) },
      plan,
      random: seededRandom(seed),
    });
  const sections = (plan: LocalPlan) => ({
    contribution: layoutSizes.contribution,
    evaluation: plan.evaluation.federated ? evaluationMetrics.length : 0,
    weight: 1 as const,
  });
  return { recommender, bound, train, sections };
}

const plain: LocalPlan = {
  clipNorm: null,
  evaluationScale: 0.01,
  weighting: { kind: 'uniform' },
  evaluation: { federated: true, negatives: 10 },
};
const histories = fc.uniqueArray(fc.integer({ min: 0, max: items - 1 }), { minLength: 1, maxLength: 25 });

describe.each(specifications.map((each) => [each.kind, each] as const))('trainForRound, %s', (_, specification) => {
  const { train, sections, bound } = setting(specification);

  it('keeps what leaves the device within the clip norm, evaluation included', () => {
    fc.assert(
      fc.property(
        histories,
        fc.double({ min: 1e-4, max: 100, noNaN: true }),
        fc.double({ min: 1e-4, max: 0.3, noNaN: true }),
        fc.option(fc.integer({ min: 1, max: 30 })),
        fc.boolean(),
        (history, clipNorm, evaluationScale, cap, federated) => {
          const plan: LocalPlan = {
            clipNorm,
            evaluationScale,
            weighting: cap === null ? { kind: 'uniform' } : { kind: 'examples', cap },
            evaluation: { federated, negatives: 10 },
          };
          const update = train(history, plan);
          const { vector, weight } = decodePayload(encodeUpdate(update, sections(plan)), sections(plan));
          expect(isWithinClip(l2Norm(vector.subarray(0, -1)), clipNorm)).toBe(true);
          expect(weight).toBe(Math.fround(update.weight));
          expect(update.factor).toBeGreaterThanOrEqual(0);
          expect(update.factor).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('only shrinks: the direction stays, and what is within the clip norm is left as it is', () => {
    const history = [1, 5, 9, 13, 20];
    const free = train(history, plain);
    expect(free.factor).toBe(1);
    const norm = contributionNorm(free.contribution);
    const wide = train(history, { ...plain, clipNorm: 10 * norm });
    expect(wide.factor).toBe(1);
    const tight = train(history, { ...plain, clipNorm: norm / 4, evaluation: { federated: false, negatives: 1 } });
    const full = train(history, { ...plain, evaluation: { federated: false, negatives: 1 } });
    const scaled = scatterContribution(tight.contribution, tight.factor);
    const expected = scatterContribution(full.contribution, norm / 4 / contributionNorm(full.contribution));
    for (let i = 0; i < scaled.length; i++) expect(scaled[i]).toBeCloseTo(expected[i], 6);
  });

  it('multiplies the contribution by its weight before the clip', () => {
    const plan: LocalPlan = { ...plain, weighting: { kind: 'examples', cap: 20 } };
    const update = train([1, 5, 9, 13, 20], plan);
    expect(update.examples).toBe(4);
    expect(update.weight).toBe(4 / 20);
    const { contribution } = decodePayload(encodeUpdate(update, sections(plan)), sections(plan));
    expect(l2Norm(contribution)).toBeCloseTo((4 / 20) * contributionNorm(update.contribution), 5);
  });

  it('reports the ranks that sorting all scores would give', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: items - 1 }), { minLength: 3, maxLength: 25 }),
        (history) => {
          const plan = { ...plain, evaluation: { federated: true, negatives: items } };
          const { evaluation } = train(history, plan);
          const seen = history.slice(0, -1);
          const latest = history.at(-1) as number;
          const scores = bound.score(bound.fitPrivateState({ items: Uint32Array.from(seen) }, seededRandom(1)));
          const order = Array.from({ length: items }, (_, item) => item)
            .filter((item) => !seen.includes(item))
            .sort((a, b) => scores[b] - scores[a] || Number(a === latest) - Number(b === latest));
          const rank = order.indexOf(latest);
          const hit = rank < 10 ? 1 : 0;
          const gain = hit / Math.log2(rank + 2);
          // With as many negatives as there are items both rankings are among all unseen items.
          for (const [i, value] of [1, hit, gain, hit, gain].entries()) expect(evaluation[i]).toBeCloseTo(value, 6);
          expect(evaluation[5]).toBeGreaterThanOrEqual(0);
          expect(evaluation[5]).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('trains on everything and evaluates nothing below three interactions', () => {
    const update = train([4, 7], plain);
    expect(update.examples).toBe(2);
    expect([...update.evaluation]).toEqual(Array(evaluationMetrics.length).fill(0));
  });

  it('counts a repeated interaction once, at its latest place', () => {
    const repeated = train([9, 4, 7, 4, 9, 9, 2], plain);
    const once = train([7, 4, 9, 2], plain);
    expect(scatterContribution(repeated.contribution)).toEqual(scatterContribution(once.contribution));
    expect(repeated.evaluation).toEqual(once.evaluation);
  });

  it('is deterministic in its arguments', () => {
    const history = [3, 8, 12, 30, 21];
    const bytes = (seed: number) => encodeUpdate(train(history, plain, seed), sections(plain));
    expect(bytes(5)).toEqual(bytes(5));
  });

  it('refuses an empty history and items outside the catalogue', () => {
    expect(() => train([], plain)).toThrow(expect.objectContaining({ code: 'no-data' }));
    expect(() => train([1, items], plain)).toThrow(/outside the catalogue of 40/);
  });

  it('refuses to encode for a round with other sections', () => {
    const update = train([1, 2, 3], plain);
    expect(() => encodeUpdate(update, { ...sections(plain), evaluation: 0 })).toThrow(
      expect.objectContaining({ code: 'wrong-sections' }),
    );
  });
});

describe.each([
  [
    'implicit-als',
    { ...specifications[0], windowLength: 4 } as RecommenderSpecification,
    { rows: 0.8, counts: 0.36, outer: 0.48 },
  ],
  ['hybrid with an adapter', hybrid as RecommenderSpecification, { rows: 0.8, fusion: 0.36, adapter: 0.48 }],
])('groups of %s that are clipped alone', (_, whole, shares) => {
  const grouped = { ...whole, groupClip: shares } as RecommenderSpecification;
  const { train, sections } = setting(grouped);
  const notEvaluating = { federated: false, negatives: 1 };

  it('stay within their shares, the whole within the clip norm, and what is within is as it was', () => {
    fc.assert(
      fc.property(
        histories,
        fc.double({ min: 0.01, max: 30, noNaN: true }),
        fc.boolean(),
        (history, clipNorm, byExamples) => {
          const weighting = byExamples ? ({ kind: 'examples', cap: 12 } as const) : plain.weighting;
          const plan: LocalPlan = { ...plain, clipNorm, weighting, evaluation: notEvaluating };
          const update = train(history, plan);
          const free = train(history, { ...plan, clipNorm: null });
          const [norms, before] = [update, free].map(({ contribution }) => groupNorms(contribution));
          expect([...norms.keys()].sort()).toEqual(Object.keys(shares).sort());
          let within = true;
          for (const [group, share] of Object.entries(shares)) {
            const [norm, own] = [norms.get(group) ?? Number.NaN, before.get(group) ?? Number.NaN];
            expect(update.factor * norm).toBeCloseTo(Math.min(free.weight * own, share * clipNorm), 5);
            if (free.weight * own > share * clipNorm) within = false;
          }
          expect(update.clipped).toBe(!within);
          const { contribution } = decodePayload(encodeUpdate(update, sections(plan)), sections(plan));
          expect(isWithinClip(l2Norm(contribution), clipNorm)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keep their directions', () => {
    const plan: LocalPlan = { ...plain, clipNorm: 0.5, evaluation: notEvaluating };
    const history = [1, 5, 9, 13, 20, 22];
    const clipped = train(history, plan).contribution;
    const free = train(history, { ...plan, clipNorm: null }).contribution;
    expect(clipped.parts).toHaveLength(free.parts.length);
    for (const group of Object.keys(shares)) {
      const of = (contribution: typeof free) =>
        scatterContribution({ ...contribution, parts: contribution.parts.filter((part) => part.group === group) });
      const [a, b] = [of(clipped), of(free)];
      const factor = l2Norm(a) / l2Norm(b);
      a.forEach((value, i) => {
        expect(value).toBeCloseTo(factor * b[i], 6);
      });
    }
  });

  it('must have a share each, and no more than the clip norm together', () => {
    expect(() => setting({ ...grouped, groupClip: { ...shares, rows: 0.9 } } as RecommenderSpecification)).toThrow(
      RangeError,
    );
  });
});

describe('trainForRound', () => {
  it('does not let the held-out interaction touch what is trained', () => {
    const { train } = setting(specifications[0]);
    const contribution = (latest: number) => scatterContribution(train([1, 5, 9, latest], plain).contribution);
    expect(contribution(20)).toEqual(contribution(33));
    const touching = scatterContribution(
      train([1, 5, 9, 20], { ...plain, evaluation: { federated: false, negatives: 1 } }).contribution,
    );
    expect(touching).not.toEqual(contribution(20));
  });

  it('sends nothing of a model that has diverged', () => {
    const recommender = createRecommender(specifications[0]);
    const bound = recommender.bind(recommender.initialise(1).fill(Number.NaN));
    expect(() =>
      trainForRound({
        bound,
        layoutSizes: { items, contribution: recommender.contributionLayout.size },
        history: { items: Uint32Array.of(1, 2, 3, 4) },
        plan: plain,
        random: seededRandom(1),
      }),
    ).toThrow();
  });

  it('weighs by examples up to the cap, and uniformly', () => {
    expect([1, 5, 10, 40].map((n) => contributionWeight({ kind: 'examples', cap: 10 }, n))).toEqual([0.1, 0.5, 1, 1]);
    expect(contributionWeight({ kind: 'uniform' }, 40)).toBe(1);
  });
});
