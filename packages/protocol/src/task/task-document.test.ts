import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkTaskDocument, recommenderSpecificationOf } from './task-document.ts';

const local = {
  epochs: 1,
  reconstructionEpochs: 1,
  batchSize: 32,
  learningRate: 0.1,
  privateLearningRate: 0.1,
  negativesPerPositive: 4,
  regularisation: 0,
};
const base = {
  version: 1,
  task: 'films',
  population: 'viewers',
  catalogue: 'items.json',
  rounds: 10,
  cohort: {
    target: 50,
    minimum: 20,
    overSelection: 1.2,
    selectionSeconds: 60,
    collectionSeconds: 300,
    pauseSeconds: 0,
  },
  weighting: { kind: 'examples', cap: 100 },
  privacy: {
    plan: 'sealed',
    clipNorm: 1,
    noise: { mechanism: 'gaussian', noiseMultiplier: 1, delta: 1e-6, budget: 8 },
  },
  optimizer: { kind: 'fedadam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.001 },
  evaluation: { federated: true, negatives: 99, scale: 0.01 },
  seed: 1,
};
const documents = {
  'implicit-als': {
    ...base,
    model: { kind: 'implicit-als', dimension: 32, unobservedWeight: 0.1, regularisation: 0.01, initialScale: 0.1 },
    training: {
      recency: { floor: 0.02, timeConstant: 5 },
      recencyInTraining: false,
      itemCap: 100,
      groupScales: { rows: 1, counts: 0.1, outer: 0.5 },
    },
  },
  'matrix-factorisation': {
    ...base,
    model: { kind: 'matrix-factorisation', dimension: 32, initialScale: 0.1 },
    training: { local, backend: 'fused' },
  },
  neumf: {
    ...base,
    model: { kind: 'neumf', dimension: 8, mlpDimension: 16, hiddenLayers: [16, 8], initialScale: 0.1 },
    training: { local, backend: 'tfjs' },
  },
};

/** Every leaf of a document, by its path. */
function leaves(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    leaves(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function withValue(document: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const copy = structuredClone(document) as Record<string | number, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  at[path[path.length - 1]] = value;
  return copy;
}

const wrong = fc.constantFrom<unknown>(
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  'no such word',
  '',
  [],
  {},
  true,
  null,
  1e12,
  -0.5,
);

describe('a task document', () => {
  it.each(Object.entries(documents))('for %s is accepted whole, and gives a recommender', (_kind, document) => {
    const check = checkTaskDocument(document);
    expect(check).toMatchObject({ ok: true });
    if (check.ok)
      expect(recommenderSpecificationOf(check.task, 100)).toMatchObject({ itemCount: 100, kind: document.model.kind });
  });

  it.each(Object.entries(documents))('for %s names each field that is wrong, in turn', (_kind, document) => {
    for (const path of leaves(document)) {
      fc.assert(
        fc.property(wrong, (value) => {
          const check = checkTaskDocument(withValue(document, path, value));
          // Some wrong-looking values are right somewhere (true for a flag); a refusal must name the field or what holds it.
          if (check.ok) return;
          const dotted = path.join('.');
          for (const problem of check.problems) expect(problem.message).not.toBe('');
          const named = check.problems.some(
            ({ path: p }) =>
              dotted === p || dotted.startsWith(`${p}.`) || p.startsWith(`${dotted}.`) || spans(dotted, p),
          );
          expect(
            named,
            `${dotted} = ${String(value)} was blamed on ${check.problems.map(({ path: p }) => p).join(', ')}`,
          ).toBe(true);
        }),
        { numRuns: 11 },
      );
      // A value of a type that no field has is always refused.
      expect(checkTaskDocument(withValue(document, path, { not: 'a value' })).ok, path.join('.')).toBe(false);
    }
  });

  it('names a field that does not belong, and one that is missing', () => {
    const extra = checkTaskDocument({ ...documents.neumf, colour: 'blue' });
    expect(!extra.ok && extra.problems[0].message).toContain('colour');
    for (const key of ['version', 'task', 'population', 'model', 'rounds', 'cohort', 'privacy', 'optimizer']) {
      const { [key as keyof typeof base]: _gone, ...rest } = documents['implicit-als'];
      const check = checkTaskDocument(rest);
      expect(!check.ok && check.problems.some(({ path }) => path === key), key).toBe(true);
    }
  });

  it.each([
    ['noise without a clip norm', { privacy: { ...base.privacy, clipNorm: null } }, 'privacy.clipNorm'],
    ['a minimum above the target', { cohort: { ...base.cohort, minimum: 51 } }, 'cohort.minimum'],
    ['SGD settings for implicit-als', { training: { local } }, 'training.local'],
  ])('refuses %s', (_name, change, path) => {
    const check = checkTaskDocument({ ...documents['implicit-als'], ...change });
    expect(!check.ok && check.problems.map((problem) => problem.path)).toContain(path);
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => void checkTaskDocument(value)),
      { numRuns: 200 },
    );
  });
});

/** Rules over several fields may blame the other one. */
function spans(changed: string, blamed: string): boolean {
  const groups = [
    ['cohort.target', 'cohort.minimum'],
    ['privacy.clipNorm', 'privacy.noise'],
  ];
  return (
    groups.some((group) => group.includes(changed) && group.includes(blamed)) ||
    (changed.startsWith('model.') && blamed.startsWith('training')) ||
    (changed.startsWith('training') && blamed.startsWith('training'))
  );
}
