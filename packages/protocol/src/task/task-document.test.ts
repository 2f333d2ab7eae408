import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkTaskDocument, recommenderSpecificationOf } from './task-document.ts';
import { taskDocumentJsonSchema } from './task-json-schema.ts';

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
    model: {
      kind: 'implicit-als',
      dimension: 32,
      unobservedWeight: 0.1,
      regularisation: 0.01,
      initialScale: 0.1,
      initialCommonScale: 0.3,
      initialAttributeScale: 0.2,
    },
    training: {
      recency: { floor: 0.02, timeConstant: 5, exponent: 1.5 },
      recencyInTraining: false,
      windowLength: 50,
      itemCap: 100,
      groupScales: { rows: 1, counts: 0.1, outer: 0.5 },
      groupClip: { rows: 0.9, counts: 0.1, outer: 0.4 },
      prior: 'attributes',
    },
  },
  hybrid: {
    ...base,
    model: {
      kind: 'hybrid',
      plan: 'public-items',
      features: { text: true, attributes: true },
      textComponents: 64,
      dimension: 32,
      unobservedWeight: 0.1,
      regularisation: 0.01,
      initialScale: 0.1,
    },
    training: { recency: null },
  },
  'hybrid with an adapter': {
    ...base,
    privacy: { plan: 'sealed', clipNorm: 1 },
    model: {
      kind: 'hybrid',
      plan: 'public-items',
      features: { text: true, attributes: false },
      textComponents: null,
      adapter: {
        rank: 4,
        alpha: 8,
        targets: ['query'],
        lastLayers: 2,
        frozenA: true,
        steps: 20,
        learningRate: 0.003,
        texts: 64,
      },
      dimension: 32,
      unobservedWeight: 0.1,
      regularisation: 0.01,
      initialScale: 0.1,
    },
    training: { recency: null },
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

/** Values that are wrong for every field which holds something of this kind; each bound lies below 1e13. */
function wrongFor(value: unknown, path: string): fc.Arbitrary<unknown> {
  const shapes = fc.constantFrom<unknown>([], { not: 'a value' }, [value], { value });
  const nothing = fc.constantFrom<unknown>(...(nullable.has(path) ? [shapeOnly] : [null, shapeOnly]));
  switch (typeof value) {
    case 'number':
      return fc.oneof(
        shapes,
        nothing,
        fc.string(),
        fc.boolean(),
        fc.double({ max: -1e-300, noNaN: true }),
        fc.double({ min: 1e13, noNaN: true }),
        fc.constant(Number.NaN),
      );
    case 'boolean':
      return fc.oneof(shapes, nothing, fc.string(), fc.double());
    default:
      return fc.oneof(shapes, nothing, fc.boolean(), fc.double(), fc.constantFrom('', '!'.repeat(5000)));
  }
}
const shapeOnly = { shape: null };
const nullable = new Set([
  'training.itemCap',
  'training.windowLength',
  'training.recency',
  'model.textComponents',
  'model.adapter.lastLayers',
]);

const at = (document: unknown, path: readonly (string | number)[]) =>
  path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], document);

describe('a task document', () => {
  it.each(Object.entries(documents))('for %s is accepted whole, and gives a recommender', (_kind, document) => {
    const check = checkTaskDocument(document);
    expect(check).toMatchObject({ ok: true });
    if (check.ok)
      expect(recommenderSpecificationOf(check.task, 100)).toMatchObject({ itemCount: 100, kind: document.model.kind });
  });

  it.each(Object.entries(documents))('for %s names each field that is wrong, in turn', (_kind, document) => {
    for (const path of leaves(document)) {
      const dotted = path.join('.');
      fc.assert(
        fc.property(wrongFor(at(document, path), dotted), (value) => {
          const check = checkTaskDocument(withValue(document, path, value));
          if (check.ok) throw new Error(`${dotted} = ${String(value)} was accepted`);
          expect(check.problems.map((problem) => problem.path)).toContain(dotted);
          for (const { message } of check.problems) expect(message).toMatch(/expected/i);
        }),
        { numRuns: 15 },
      );
    }
  });

  it('refuses an adapter where no text is seen, and under noise', () => {
    const document = documents['hybrid with an adapter'];
    const blind = { ...document, model: { ...document.model, features: { text: false, attributes: true } } };
    expect(checkTaskDocument(blind)).toMatchObject({ ok: false, problems: [{ path: 'model.features.text' }] });
    const noisy = { ...document, privacy: base.privacy };
    expect(checkTaskDocument(noisy)).toMatchObject({ ok: false, problems: [{ path: 'model.adapter' }] });
  });

  it('refuses groups that could exceed the clip norm together', () => {
    const document = documents['implicit-als'];
    const checkOf = (rows: number) =>
      checkTaskDocument({
        ...document,
        training: { ...document.training, groupClip: { rows, counts: 0.36, outer: 0.48 } },
      });
    expect(checkOf(0.81)).toMatchObject({ ok: false, problems: [{ path: 'training.groupClip' }] });
    expect(checkOf(0.8)).toMatchObject({ ok: true });
  });

  it('refuses a hybrid of nothing, and a prior beside its features', () => {
    const { model, training } = documents.hybrid;
    const nothing = { ...documents.hybrid, model: { ...model, features: { text: false, attributes: false } } };
    expect(checkTaskDocument(nothing)).toMatchObject({ ok: false, problems: [{ path: 'model.features' }] });
    const prior = { ...documents.hybrid, training: { ...training, prior: 'mean' } };
    expect(checkTaskDocument(prior)).toMatchObject({ ok: false, problems: [{ path: 'training.prior' }] });
  });

  it('names a field that does not belong, and one that is missing', () => {
    const { cohort } = documents.neumf;
    const extra = checkTaskDocument({ ...documents.neumf, colour: 'blue', cohort: { ...cohort, size: 3, shape: 4 } });
    expect(!extra.ok && extra.problems).toEqual([
      { path: 'cohort', message: expect.stringContaining('"size"') },
      { path: 'cohort', message: expect.stringContaining('"shape"') },
      { path: '', message: expect.stringContaining('"colour"') },
    ]);
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

describe('the JSON Schema of a task document', () => {
  /** Whether the schema, or one of its alternatives, describes the path. */
  function describes(schema: unknown, path: readonly (string | number)[]): boolean {
    const { properties, items, oneOf, anyOf } = schema as Record<string, never>;
    if (path.length === 0) return true;
    const alternatives: unknown[] = oneOf ?? anyOf ?? [];
    const [first, ...rest] = path;
    const next = typeof first === 'number' ? items : (properties as Record<string, unknown> | undefined)?.[first];
    return (next !== undefined && describes(next, rest)) || alternatives.some((one) => describes(one, path));
  }

  it('describes every field, and asks for those that have no default', () => {
    const schema = taskDocumentJsonSchema();
    for (const document of Object.values(documents)) {
      for (const path of leaves(document)) expect(describes(schema, path), path.join('.')).toBe(true);
    }
    expect(describes(schema, ['colour'])).toBe(false);
    expect(schema['additionalProperties']).toBe(false);
    expect([...(schema['required'] as string[])].sort()).toEqual([
      'cohort',
      'model',
      'optimizer',
      'population',
      'privacy',
      'rounds',
      'task',
      'version',
    ]);
  });
});
