import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandError } from '../exit/command-error.ts';
import { readTaskFile } from './task-file.ts';

const document = `version: 1
task: films
population: members
catalogue: items.json
model:
  kind: implicit-als
  dimension: 8
rounds: 3
cohort:
  target: 10
  minimum: 5
privacy:
  plan: sealed
  clipNorm: null
optimizer:
  kind: fedavg
  learningRate: 0.5
`;

describe('readTaskFile', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-task-file-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function read(text: string) {
    const path = join(folder, 'task.yaml');
    await writeFile(path, text);
    return readTaskFile(path);
  }

  it('resolves the catalogue against the folder of the document and fills defaults in', async () => {
    const { task, cataloguePath } = await read(document);
    expect(cataloguePath).toBe(join(folder, 'items.json'));
    expect(task.cohort.overSelection).toBe(1.2);
  });

  it('names every problem with its path and its line', async () => {
    const wrong = document
      .replace('minimum: 5', 'minimum: 50')
      .replace('dimension: 8', 'dimension: eight\n  colour: red')
      .replace('rounds: 3', 'rounds: 0');
    const error = await read(wrong).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommandError);
    const found = Object.fromEntries((error as CommandError).problems.map(({ path, line }) => [path, line]));
    expect(found).toMatchObject({ 'model.dimension': 7, model: 8, rounds: 9 });
  });

  it('names a rule that spans fields once the fields themselves are right', async () => {
    const error = await read(document.replace('minimum: 5', 'minimum: 50')).catch((thrown: unknown) => thrown);
    expect((error as CommandError).problems).toEqual([
      { path: 'cohort.minimum', line: 11, message: expect.stringContaining('at most cohort.target') },
    ]);
  });
});
