/** Data as people have them, through the command line, the simulator and a device: errors name the line, and nothing is lost. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, task, taskDocument } from './client-world.ts';
import { commandLine, documentOf, exitCodes } from './command-in-process.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-bad-data-'));
  await writeFile(join(folder, 'plan.json'), JSON.stringify({ ...plan, version: 1 }));
});
afterAll(() => rm(folder, { recursive: true }));

const plan = {
  task: 'films',
  population: 'members',
  model: { kind: 'implicit-als', dimension: 4 },
  rounds: 2,
  cohort: { target: 12, minimum: 4, overSelection: 1 },
  privacy: { plan: 'sealed', clipNorm: 5 },
  optimizer: { kind: 'fedavg', learningRate: 0.5 },
  evaluation: { federated: true, negatives: 4 },
};

const header = 'user,item,rating,timestamp';
/** Twelve people; four of them have one interaction, the others six. */
const good = Array.from({ length: 12 }, (_, user) =>
  Array.from({ length: user < 4 ? 1 : 6 }, (_, i) => `u${user},i${(user * 5 + i * 3) % 20},4,${i}`),
).flat();
const planted = 'something-private';
/** Too few fields, no number for a rating, no item. Their lines are 4, 7 and 8 of the file. */
const bad = { 4: `u1,${planted}`, 7: `u2,i3,${planted},5`, 8: `${planted},,4,1` };

async function write(name: string, lines: readonly string[]): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

function withBadRows(): string[] {
  const lines = [header, ...good];
  for (const [line, row] of Object.entries(bad)) lines.splice(Number(line) - 1, 0, row);
  return lines;
}

const simulate = (data: string, ...more: string[]) =>
  commandLine(['simulate', '--plan', join(folder, 'plan.json'), '--data', data, '--workers', '1', '--json', ...more]);

describe('rows with missing or non-numeric fields', () => {
  it('are refused by the number of the first one’s line, with what to do, and without what stands in it', async () => {
    const data = await write('bad.csv', withBadRows());
    for (const ended of [await commandLine(['data', 'describe', data]), await simulate(data)]) {
      expect(ended.code).toBe(exitCodes.input.code);
      expect(ended.error).toMatch(/bad\.csv:4: 2 fields; expected 4 as the header/);
      expect(ended.error).toContain('--skip-bad-rows');
      expect(ended.error + ended.out).not.toContain(planted);
    }
    const alone = await write('alone.csv', [header, ...good.slice(0, 3), bad[7]]);
    expect((await commandLine(['data', 'describe', alone])).error).toMatch(/alone\.csv:5: the rating is not a number/);
  });

  it('are counted with --skip-bad-rows, and everything else is there', async () => {
    const data = await write('skipped.csv', withBadRows());
    const described = await commandLine(['data', 'describe', data, '--skip-bad-rows', '--json']);
    expect(described.code).toBe(0);
    const expected = { users: 12, interactions: good.length, skippedRows: 3, usersWithHeldOut: 8 };
    expect(documentOf(described)).toMatchObject(expected);
    const simulated = await simulate(data, '--skip-bad-rows', '--no-central');
    expect(simulated.code, simulated.error).toBe(0);
    expect(simulated.error).toContain('Left out 3 rows');
    expect(documentOf(simulated)).toMatchObject({ rounds: 2, data: { users: 12, interactions: good.length } });
  });
});

describe('an empty data set', () => {
  it.each([
    ['nothing at all', [''], /the file is empty; expected a header line/],
    ['a header alone', [header], /no interaction is left .*; expected at least one interaction/],
    ['bad rows alone', [header, bad[7], bad[8]], /no interaction is left \(2 bad rows/],
  ])('of %s is refused', async (_, lines, message) => {
    const data = await write('empty.csv', lines);
    if (lines[0] === '') await writeFile(data, '');
    for (const ended of [
      await commandLine(['data', 'describe', data, '--skip-bad-rows']),
      await simulate(data, '--skip-bad-rows'),
    ]) {
      expect(ended.code).toBe(exitCodes.input.code);
      expect(ended.error).toMatch(message);
      expect(ended.error + ended.out).not.toContain(planted);
    }
  });

  it('of fewer people than a round needs is refused before anything is trained', async () => {
    const data = await write('few.csv', [header, 'a,x,1,1', 'b,x,1,1']);
    const ended = await simulate(data);
    expect(ended.code).toBe(exitCodes.input.code);
    expect(ended.error).toMatch(/2 users have something to train on, and cohort\.minimum is 4/);
  });
});

describe('a report that cannot be written', () => {
  it('costs the report and not the result of the run', async () => {
    const data = await write('reported.csv', [header, ...good]);
    for (const place of [data, join(data, 'inside')]) {
      const ended = await simulate(data, '--no-central', '--output', place);
      expect(ended.code, ended.error).toBe(exitCodes.input.code);
      expect(ended.error).toContain('The report was not written');
      expect(documentOf(ended)).toMatchObject({ rounds: 2, data: { users: 12 } });
    }
  });
});

describe('somebody with one interaction', () => {
  it('goes through split, training and simulation, trained on and not ranked', async () => {
    const data = await write('singles.csv', [header, ...good]);
    const ended = await simulate(data);
    expect(ended.code, ended.error).toBe(0);
    const { rounds, metrics } = documentOf(ended) as {
      rounds: number;
      metrics: Record<string, { full: Record<string, number> }>;
    };
    expect(rounds).toBe(2);
    for (const kind of ['random', 'popularity', 'federated', 'central']) {
      for (const value of Object.values(metrics[kind].full)) expect(value).toBeGreaterThanOrEqual(0);
    }
  });

  it('takes part on a device, and gets recommendations without that item', async () => {
    const cohort = { target: 2, minimum: 2, overSelection: 1, selectionSeconds: 5, collectionSeconds: 30 };
    const world = await startWorld(taskDocument({ rounds: 2, cohort, evaluation: { federated: true } }));
    try {
      const devices = await Promise.all([world.device({}, 0, 1), world.device({}, 1, 1)]);
      for (const { tributary } of devices) tributary.start();
      for (const { tributary, errors, rounds } of devices) {
        expect(await tributary.finished).toMatchObject({ outcome: 'ended' });
        expect(errors).toEqual([]);
        expect(rounds.filter(({ phase }) => phase === 'uploaded')).toHaveLength(2);
      }
      const [{ tributary }] = devices;
      const { items, basis } = await tributary.recommend({ count: 10 });
      expect(basis).toBe('history');
      expect(items.map(({ id }) => id)).not.toContain('sku-0');
      expect(items.every(({ score }) => Number.isFinite(score))).toBe(true);
      const closed = await world.store.rounds(task, 10);
      expect(closed.map(({ outcome, contributions }) => [outcome, contributions])).toEqual([
        ['closed', 2],
        ['closed', 2],
      ]);
      expect(world.failures).toEqual([]);
    } finally {
      await world.close();
    }
  });
});
