/** `tributary privacy` on a real store, whole and tampered with, and on values that are none. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gaussianEpsilon, type LedgerEntry } from '@tributary/privacy';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ChargedStore, makeChargedStore } from './charged-store.ts';
import { task } from './client-world.ts';
import { commandLine, documentOf, exitCodes } from './command-in-process.ts';

/** The store's own driver, to change what no program of ours would. */
const Database = createRequire(new URL('../../packages/coordinator/package.json', import.meta.url))('libsql');

let root: string;
let made: ChargedStore;
let other: ChargedStore;
let folder: string;
let copies = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tributary-privacy-commands-'));
  made = await makeChargedStore(join(root, 'whole'), 2);
  other = await makeChargedStore(join(root, 'other'), 1);
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(async () => {
  folder = join(root, `copy-${copies++}`);
  await cp(join(root, 'whole'), folder, { recursive: true });
});

const privacy = (...words: string[]) => commandLine(['privacy', ...words, '--json']);
const verify = () => privacy('verify', '--store', folder);

function change(sql: string, ...values: unknown[]): void {
  const connection = new Database(join(folder, 'store.sqlite'));
  connection.prepare(sql).run(...values);
  connection.close();
}

function entriesOf(store = folder): LedgerEntry[] {
  const connection = new Database(join(store, 'store.sqlite'));
  const rows = connection.prepare('SELECT entry FROM ledger_entry ORDER BY seq').all();
  connection.close();
  return rows.map(({ entry }: { entry: string }) => JSON.parse(entry));
}

const write = (seq: number, entry: unknown) =>
  change('UPDATE ledger_entry SET entry = ? WHERE seq = ?', JSON.stringify(entry), seq);

describe('tributary privacy verify', () => {
  it('recomputes a good store: two rounds of z = 2 are one Gaussian of z = sqrt(2)', async () => {
    const ended = await verify();
    expect(ended).toMatchObject({ code: exitCodes.ok.code });
    expect(documentOf(ended)).toMatchObject({
      ok: true,
      populations: [
        {
          population: made.population,
          tasks: [task],
          entries: 5,
          mismatches: [],
          verification: { ok: true },
        },
      ],
    });
    const { populations } = documentOf(ended) as { populations: { verification: { epsilon: number } }[] };
    expect(populations[0].verification.epsilon).toBeCloseTo(gaussianEpsilon(1e-5, Math.SQRT1_2), 6);
    expect(ended.error).toMatch(/5 entries verify; epsilon/);
  });

  /** Each names the first entry that is wrong. */
  const tampered: readonly (readonly [string, () => void, number, RegExp])[] = [
    ['edited', () => write(3, withMoreNoise(entriesOf()[3])), 3, /does not hash/],
    [
      'reordered',
      () => {
        const entries = entriesOf();
        write(1, entries[3]);
        write(3, entries[1]);
      },
      1,
      /has number 3; expected 1/,
    ],
    ['cut in the middle', () => change('DELETE FROM ledger_entry WHERE seq = 2'), 2, /has number 3; expected 2/],
    ['cut at its beginning', () => change('DELETE FROM ledger_entry WHERE seq = 0'), 0, /has number 1; expected 0/],
    ['copied from another coordinator', () => write(0, entriesOf(join(root, 'other'))[0]), 0, /not signed/],
    ['no longer an entry', () => write(2, { body: null }), 2, /kind/],
  ];
  it.each(tampered)('says the first wrong entry of a ledger that was %s', async (_, tamper, seq, problem) => {
    tamper();
    const ended = await verify();
    expect(ended.code).toBe(exitCodes.store.code);
    expect(documentOf(ended)).toMatchObject({
      ok: false,
      populations: [{ verification: { ok: false, seq, problem: expect.stringMatching(problem) } }],
    });
    expect(ended.error).toMatch(new RegExp(`entry ${seq} `));
    expect(ended.error).toMatch(/not to be trusted/);
  });

  it('finds entries that are missing at the end by the model that they released', async () => {
    change('DELETE FROM ledger_entry WHERE seq >= 3');
    const ended = await verify();
    expect(ended.code).toBe(exitCodes.store.code);
    expect(documentOf(ended)).toMatchObject({
      ok: false,
      populations: [
        {
          entries: 3,
          verification: { ok: true },
          mismatches: [
            { kind: 'uncharged', version: made.versions[2] },
            { kind: 'cut', version: made.versions[2], epsilon: expect.any(Number) },
          ],
        },
      ],
    });
  });

  it('finds charges of another noise than the task has', async () => {
    // The document is not signed: here it is the document that was changed, and each charge that no longer fits.
    change('UPDATE task SET document = replace(document, \'"noiseMultiplier":2\', \'"noiseMultiplier":3\')');
    const less = await verify();
    expect(less.code).toBe(exitCodes.store.code);
    expect(documentOf(less)).toMatchObject({
      populations: [
        {
          verification: { ok: true },
          mismatches: [1, 3].map((seq) => ({
            kind: 'other-noise',
            seq,
            problem: expect.stringMatching(/multiplier of 2; .* 3/),
          })),
        },
      ],
    });
    change(
      'UPDATE task SET document = replace(document, \'"noiseMultiplier":3\', \'"noiseMultiplier":2,"participations":1\')',
    );
    expect(documentOf(await verify())).toMatchObject({
      populations: [
        { mismatches: [{ problem: expect.stringMatching(/caps participation at nothing; the task at 1/) }, {}] },
      ],
    });
  });

  it('takes the key that is given, or the one that lies in the store, and makes none', async () => {
    expect((await privacy('verify', '--store', folder, '--key', made.key)).code).toBe(exitCodes.ok.code);
    const foreign = await privacy('verify', '--store', folder, '--key', other.key);
    expect(foreign.code).toBe(exitCodes.store.code);
    expect(documentOf(foreign)).toMatchObject({ populations: [{ verification: { ok: false, seq: 0 } }] });
    await rm(join(folder, 'coordinator.key'));
    const keyless = await verify();
    expect(keyless).toMatchObject({ code: exitCodes.store.code, error: expect.stringMatching(/has no key/) });
    await expect(readFile(join(folder, 'coordinator.key'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is not misled by where a version is said to come from, which nobody signed', async () => {
    change('DELETE FROM ledger_entry WHERE seq >= 3');
    change("UPDATE model_version SET origin = 'import'");
    const cut = await verify();
    expect(cut.code).toBe(exitCodes.store.code);
    expect(documentOf(cut)).toMatchObject({
      populations: [{ mismatches: [{ kind: 'cut', version: made.versions[2], epsilon: expect.any(Number) }] }],
    });
    change('DELETE FROM ledger_entry');
    const gone = await verify();
    expect(gone.code).toBe(exitCodes.store.code);
    expect(gone.error).toMatch(/it has no ledger/);
  });

  it('finds a ledger that is another population’s, and one that is gone', async () => {
    change("UPDATE ledger_entry SET population = 'strangers'");
    const ended = await verify();
    expect(ended.code).toBe(exitCodes.store.code);
    expect(documentOf(ended)).toMatchObject({
      ok: false,
      populations: [
        { population: made.population, entries: 0, mismatches: expect.arrayContaining([{ kind: 'no-ledger' }]) },
        { population: 'strangers', verification: { ok: false, seq: 0, problem: 'belongs to another population' } },
      ],
    });
  });

  it('of an exported file needs the key of the coordinator, and no other’s does', async () => {
    const file = join(folder, 'ledger.jsonl');
    const exported = await privacy('export', file, '--store', folder, '--population', made.population);
    expect(documentOf(exported)).toMatchObject({ entries: 5, head: entriesOf()[4].hash });
    const good = await privacy('verify', '--file', file, '--key', made.key);
    expect(good.code).toBe(exitCodes.ok.code);
    expect(documentOf(good)).toMatchObject({ ok: true, entries: 5, head: entriesOf()[4].hash });
    const forged = await privacy('verify', '--file', file, '--key', other.key);
    expect(forged.code).toBe(exitCodes.input.code);
    expect(documentOf(forged)).toMatchObject({ ok: false, verification: { seq: 0 } });
    expect((await privacy('verify', '--file', file)).code).toBe(exitCodes.usage.code);
    expect((await privacy('export', file, '--store', folder, '--population', made.population)).code).toBe(
      exitCodes.usage.code,
    );
    await writeFile(file, `${await readFile(file, 'utf8')}{"seq": `);
    const cut = await privacy('verify', '--file', file, '--key', made.key);
    expect(cut).toMatchObject({ code: exitCodes.input.code, error: expect.stringMatching(/line 6, is not JSON/) });
  });
});

function withMoreNoise(entry: LedgerEntry): LedgerEntry {
  const { body } = entry;
  if (body.kind !== 'charge' || body.event.mechanism !== 'gaussian') throw new Error('The entry is no charge.');
  return { ...entry, body: { ...body, event: { ...body.event, noiseMultiplier: 20 } } };
}

describe('tributary privacy spend', () => {
  it('shows what is spent, on which task, and each claim with its assumption', async () => {
    const ended = await privacy('spend', '--store', folder);
    expect(ended.code).toBe(exitCodes.ok.code);
    const epsilon = gaussianEpsilon(1e-5, Math.SQRT1_2);
    const { populations } = documentOf(ended) as { populations: { epsilon: number; remaining: number }[] };
    expect(populations).toMatchObject([
      {
        population: made.population,
        budget: 8,
        delta: 1e-5,
        relation: 'add-remove',
        tasks: [
          {
            task,
            ...{ charges: 2, released: 2, abandoned: 0, refused: 0 },
            claims: [
              { against: 'readers', assumption: expect.stringMatching(/no sampling is assumed/) },
              { against: 'coordinator', epsilon: null, assumption: 'It sees single contributions.' },
            ],
          },
        ],
      },
    ]);
    expect(populations[0].epsilon).toBeCloseTo(epsilon, 6);
    expect(populations[0].remaining).toBeCloseTo(8 - epsilon, 6);
  });
});

describe('tributary privacy epsilon', () => {
  const gaussian = ['--noise-multiplier', '1.1', '--sampling-rate', '0.01', '--steps', '5000', '--delta', '1e-6'];

  it('is the reference’s, by either accountant', async () => {
    // dp-accounting 0.6.0: PLDAccountant, RdpAccountant.
    const expected = { pld: 3.9788600846893036, rdp: 4.2891169826456075 };
    for (const accountant of ['pld', 'rdp'] as const) {
      const ended = await privacy('epsilon', ...gaussian, '--accountant', accountant);
      const { epsilon } = documentOf(ended) as { epsilon: number };
      expect(epsilon / expected[accountant]).toBeGreaterThan(1 - 1e-6);
      expect(epsilon / expected[accountant]).toBeLessThan(1 + 1e-5);
    }
  });

  it('names the relation and what is assumed', async () => {
    const fixed = ['--cohort', '100', '--population', '6040'];
    const plain = ['epsilon', '--noise-multiplier', '2', '--steps', '500', '--delta', '1e-6'];
    const ended = await privacy(...plain, ...fixed);
    // The golden file's value for replacing one person.
    expect(documentOf(ended)).toMatchObject({ epsilon: expect.closeTo(4.92286, 4), relation: 'replace' });
    const tree = await privacy(
      'epsilon',
      '--noise-multiplier',
      '12',
      '--steps',
      '1000',
      '--delta',
      '1e-6',
      '--tree-leaves',
      '1000',
      '--accountant',
      'rdp',
    );
    expect(documentOf(tree)).toMatchObject({ epsilon: expect.closeTo(1.2096, 4), relation: 'add-remove' });
    const none = await privacy(...plain);
    expect(documentOf(none)).toMatchObject({ assumption: expect.stringMatching(/no sampling is assumed/) });
  });

  const bad: readonly (readonly [string, string])[] = [
    ...['0', '-1', 'NaN', 'Infinity', '', 'x'].map((value) => ['--noise-multiplier', value] as const),
    ...['0', '-1', '1', '2', 'NaN'].map((value) => ['--delta', value] as const),
    ...['0', '-0.1', '1.1', 'NaN'].map((value) => ['--sampling-rate', value] as const),
    ...['0', '1.5', '-3', '1e3'].map((value) => ['--steps', value] as const),
  ];
  it.each(bad)('refuses %s %s', async (option, value) => {
    const words = gaussian.with(gaussian.indexOf(option) + 1, value);
    const ended = await privacy('epsilon', ...words);
    expect(ended.code).toBe(exitCodes.usage.code);
    expect(documentOf(ended)).toMatchObject({ error: { message: expect.stringContaining(option) } });
  });

  it('refuses contradictions, and cohorts larger than their population', async () => {
    for (const more of [
      ['--tree-leaves', '3'],
      ['--cohort', '5', '--population', '100'],
    ]) {
      expect((await privacy('epsilon', ...gaussian, ...more)).code).toBe(exitCodes.usage.code);
    }
    const plain = ['epsilon', '--noise-multiplier', '2', '--steps', '5', '--delta', '1e-6'];
    for (const more of [
      ['--cohort', '101', '--population', '100'],
      ['--cohort', '5'],
    ]) {
      expect((await privacy(...plain, ...more)).code).toBe(exitCodes.usage.code);
    }
  });

  it('says that nothing is bounded, instead of a number that is none', async () => {
    const words = ['epsilon', '--noise-multiplier', '1e-300', '--steps', '1', '--delta', '1e-6', '--accountant', 'rdp'];
    const ended = await privacy(...words);
    expect(documentOf(ended)).toMatchObject({ epsilon: null });
    expect(ended.error).toMatch(/No epsilon is bounded/);
  });
});

describe('tributary privacy plan', () => {
  const small = ['plan', '--population', '2000', '--cohort', '200', '--rounds', '20', '--epsilon', '4'];

  it('plans noise under each assumption and what more people buy, as a table, CSV and a plot', async () => {
    const ended = await privacy(...small, '--output', join(folder, 'plan'));
    expect(ended.code).toBe(exitCodes.ok.code);
    const document = documentOf(ended);
    expect(document).toMatchObject({
      delta: 1e-5,
      warnings: [],
      plans: ['none', 'tree', 'poisson', 'fixed-size'].map((assumption) => ({ assumption })),
    });
    expect(JSON.parse(await readFile(join(folder, 'plan', 'plan.json'), 'utf8'))).toEqual(document);
    expect((await readFile(join(folder, 'plan', 'plan.csv'), 'utf8')).trim().split('\n')).toHaveLength(17);
    expect(await readFile(join(folder, 'plan', 'plan.svg'), 'utf8')).toMatch(/^<svg[^>]*>\n<style>[\s\S]*<\/svg>\n$/);
    expect(ended.error).toMatch(/fixed-size +replace/);
  });

  it('scales the error with the clip norm and the parameters', async () => {
    const [one, two] = await Promise.all(
      ['1', '2'].map(async (clip) => {
        const ended = await privacy(...small, '--clip-norm', clip, '--parameters', '10000');
        return documentOf(ended) as { plans: { roundNoise: number; roundNoiseNorm: number; totalNoise: number }[] };
      }),
    );
    expect(two.plans[0].totalNoise).toBeCloseTo(2 * one.plans[0].totalNoise, 12);
    expect(two.plans[0].roundNoise).toBeCloseTo(2 * one.plans[0].roundNoise, 12);
    expect(one.plans[0].roundNoiseNorm).toBeCloseTo(100 * one.plans[0].roundNoise, 12);
  });

  it('refuses a cohort larger than the population, and warns of budgets that promise little', async () => {
    const large = await privacy('plan', '--population', '100', '--cohort', '101', '--rounds', '5', '--epsilon', '4');
    expect(large.code).toBe(exitCodes.input.code);
    expect(large.error).toMatch(/larger than the population of 100/);
    const loose = await privacy(
      'plan',
      '--population',
      '100',
      '--cohort',
      '50',
      '--rounds',
      '5',
      '--epsilon',
      '21',
      '--delta',
      '0.01',
    );
    expect(loose.code).toBe(exitCodes.ok.code);
    expect(loose.error).toMatch(/warning: delta is 0.01[\s\S]*warning: epsilon is 21/);
    expect((documentOf(loose) as { warnings: string[] }).warnings).toHaveLength(2);
    for (const epsilon of ['0', '-1', 'NaN', 'Infinity']) {
      const words = small.with(small.indexOf('--epsilon') + 1, epsilon);
      expect((await privacy(...words)).code).toBe(exitCodes.usage.code);
    }
  });
});
