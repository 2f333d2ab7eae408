/** Task documents with every field wrong in turn, at a running coordinator and on the command line. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkTaskDocument } from '@tributary/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogueOf, startWorld, type World } from './client-world.ts';
import { commandLine, documentOf, exitCodes } from './command-in-process.ts';

const local = {
  epochs: 1,
  reconstructionEpochs: 1,
  batchSize: 32,
  learningRate: 0.1,
  privateLearningRate: 0.1,
  negativesPerPositive: 4,
  regularisation: 0.001,
};
const common = {
  version: 1,
  population: 'viewers',
  rounds: 10,
  cohort: {
    target: 50,
    minimum: 20,
    overSelection: 1.2,
    selectionSeconds: 60,
    collectionSeconds: 300,
    pauseSeconds: 1,
  },
  weighting: { kind: 'examples', cap: 100 },
  evaluation: { federated: true, negatives: 99, scale: 0.01 },
  seed: 1,
};
/** Together they name every field that there is. */
const documents: readonly Record<string, unknown>[] = [
  {
    ...common,
    task: 'first',
    model: { kind: 'implicit-als', dimension: 8, unobservedWeight: 0.1, regularisation: 0.01, initialScale: 0.1 },
    training: {
      recency: { floor: 0.02, timeConstant: 5, exponent: 1 },
      recencyInTraining: false,
      windowLength: 50,
      itemCap: 100,
      groupScales: { rows: 1, counts: 0.1, outer: 0.5 },
    },
    privacy: {
      plan: 'sealed',
      clipNorm: 1,
      noise: { mechanism: 'gaussian', noiseMultiplier: 1, delta: 1e-6, budget: 8 },
    },
    optimizer: { kind: 'fedadam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.001 },
  },
  {
    ...common,
    task: 'second',
    model: { kind: 'matrix-factorisation', dimension: 8, initialScale: 0.1 },
    training: { local, backend: 'fused' },
    privacy: { plan: 'sealed', clipNorm: 1, noise: null },
    optimizer: { kind: 'fedavgm', learningRate: 0.1, momentum: 0.9 },
  },
  {
    ...common,
    task: 'third',
    model: { kind: 'neumf', dimension: 8, mlpDimension: 8, hiddenLayers: [8, 4], initialScale: 0.1 },
    training: { local, backend: 'fused' },
    privacy: { plan: 'sealed', clipNorm: null, noise: null },
    optimizer: { kind: 'fedadagrad', learningRate: 0.1, tau: 0.001 },
  },
];

type Path = readonly (string | number)[];
interface Wrong {
  readonly path: Path;
  readonly document: unknown;
}

/** Every field by its path, sections too. */
function fieldsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, part]) =>
    fieldsOf(part, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length === 0 ? inner : [path, ...inner];
}

function withValue(document: unknown, path: Path, value: unknown): unknown {
  const copy = structuredClone(document) as Record<string | number, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  at[path[path.length - 1]] = value;
  return copy;
}

/** No field takes any of these: another type, out of every range, or an unknown word. */
const senseless = fc.oneof(
  fc.constantFrom<unknown>(-1, -0.5, 1e300, '', 'no such word!', [], [null], [[]], { not: 'a field' }),
  fc.integer({ min: -1_000_000, max: -1 }),
  fc.string({ minLength: 64, maxLength: 80 }),
  fc.dictionary(fc.stringMatching(/^[a-z]{9}$/), fc.anything({ maxDepth: 1 }), { minKeys: 1, maxKeys: 2 }),
);
const paths = documents.map((document) => ({ document, fields: fieldsOf(document) }));

/** One wrong document for each field of each document. */
function everyFieldWrong(seed: number): Wrong[] {
  return paths.flatMap(({ document, fields }) =>
    fields.map((path, i) => {
      const [value] = fc.sample(senseless, { numRuns: 1, seed: seed + i });
      return { path, document: withValue(document, path, value) };
    }),
  );
}

let world: World;
let folder: string;
beforeAll(async () => {
  world = await startWorld(undefined, 50, { adminToken: 'token-of-a-test' });
  folder = await mkdtemp(join(tmpdir(), 'tributary-bad-task-'));
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

const create = (document: unknown) =>
  fetch(`${world.url}/tasks`, {
    method: 'POST',
    headers: { authorization: 'Bearer token-of-a-test', 'content-type': 'application/json' },
    body: JSON.stringify({ document, catalogue: catalogueOf(20) }),
  });

/** Whether a problem's path is the field, a part of it, or what holds it. */
function blames(problem: string, path: Path): boolean {
  const field = path.join('.');
  return problem === field || problem.startsWith(`${field}.`) || field.startsWith(`${problem}.`);
}

describe('a task document with every field wrong in turn', () => {
  it('names fields that are all right before', () => {
    for (const document of documents) expect(checkTaskDocument(document)).toMatchObject({ ok: true });
    const named = new Set(paths.flatMap(({ fields }) => fields.map((path) => path.join('.'))));
    expect(named.size).toBeGreaterThan(60);
  });

  it('is refused by a running coordinator, which blames the field and creates nothing', async () => {
    for (const { path, document } of everyFieldWrong(1)) {
      const answer = await create(document);
      const { error } = (await answer.json()) as { error: { problems: { path: string; message: string }[] } };
      expect(answer.status, path.join('.')).toBe(400);
      const blamed = error.problems.map((problem) => problem.path.replace(/^document\.?/, ''));
      expect(
        blamed.some((problem) => blames(problem, path)),
        `${path.join('.')} was blamed on ${blamed}`,
      ).toBe(true);
      for (const { message } of error.problems) expect(message.length).toBeGreaterThan(5);
    }
    expect(await world.store.tasks()).toHaveLength(1);
    expect(world.failures).toEqual([]);
  });

  it('is explained by `task check`, with its line, and ends with the exit code of bad input', async () => {
    const file = join(folder, 'task.json');
    for (const { path, document } of everyFieldWrong(2)) {
      await writeFile(file, JSON.stringify(document, null, 1));
      const ended = await commandLine(['task', 'check', file, '--json']);
      expect(ended.code, path.join('.')).toBe(exitCodes.input.code);
      const { error } = documentOf(ended) as { error: { problems: { path: string; line: number | null }[] } };
      expect(error.problems.some((problem) => blames(problem.path, path) && (problem.line ?? 0) > 0)).toBe(true);
    }
    for (const { document } of paths) {
      await writeFile(file, JSON.stringify(document));
      expect((await commandLine(['task', 'check', file])).code).toBe(0);
    }
  });
});
