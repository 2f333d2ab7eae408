/** The leave-last-one-out split that He et al. (2017), "Neural Collaborative Filtering", published for MovieLens 1M. */
import { existsSync } from 'node:fs';
import type { Interactions, Split, SplitPurpose } from './dataset.ts';
import { DataError } from './error.ts';
import { interactionRows } from './interactions.ts';
import { forEachLine, plainOrGzipped } from './lines.ts';
import { evaluationNegatives } from './negatives.ts';
import { withoutLast } from './split.ts';

export interface NcfSplitOptions {
  /** Whether the validation item is trained on: see `SplitPurpose`. 'test' by default. */
  readonly purpose?: SplitPurpose;
  /** Draws the validation item's negatives. */
  readonly seed?: number;
  /** The files' common prefix. */
  readonly prefix?: string;
}

function ncfFiles(folder: string, prefix: string) {
  const rating = plainOrGzipped(folder, `${prefix}.train.rating`);
  return {
    train: existsSync(rating) ? rating : plainOrGzipped(folder, `${prefix}.train.tsv`),
    test: plainOrGzipped(folder, `${prefix}.test.rating`),
    negative: plainOrGzipped(folder, `${prefix}.test.negative`),
  };
}

/** Whether the folder holds such a split. */
export function hasNcfSplit(folder: string, prefix = 'ml-1m'): boolean {
  return Object.values(ncfFiles(folder, prefix)).every((file) => existsSync(file));
}

function index(text: string | undefined, file: string, line: number, what: string): number {
  if (text !== undefined && /^\d{1,7}$/.test(text)) return Number(text);
  const remedy = "Use the files of He et al.'s repository";
  throw new DataError({
    file,
    line,
    problem: `${what} is no index`,
    expected: 'a whole number from 0 to 9,999,999',
    remedy,
  });
}

/**
 * Training pairs (oldest first), the test item and its negatives as published; the validation item is the last training pair of
 * each user, with negatives drawn by the seed, as many as the test item has. User and item indices are He et al.'s.
 *
 * @throws DataError
 */
export async function loadNcfSplit(folder: string, options: NcfSplitOptions = {}): Promise<Split> {
  const { purpose = 'test', seed = 0, prefix = 'ml-1m' } = options;
  const files = ncfFiles(folder, prefix);
  const rows = interactionRows();
  let userCount = 0;
  let itemCount = 0;
  const seen = (user: number, item: number) => {
    userCount = Math.max(userCount, user + 1);
    itemCount = Math.max(itemCount, item + 1);
  };

  await forEachLine(files.train, 'utf-8', (line, number) => {
    if (line === '') return;
    const cells = line.split('\t');
    const user = index(cells[0], files.train, number, 'the user');
    const item = index(cells[1], files.train, number, 'the item');
    seen(user, item);
    // The published train.rating is in no order within a user but has timestamps; the compact form is in order and has none.
    const time = cells.length > 3 ? Number(cells[3]) : 0;
    if (!Number.isFinite(time)) index(undefined, files.train, number, 'the timestamp');
    rows.add(user, item, time);
  });

  const heldOut: number[] = [];
  await forEachLine(files.test, 'utf-8', (line, number) => {
    if (line === '') return;
    const cells = line.split('\t');
    const user = index(cells[0], files.test, number, 'the user');
    const item = index(cells[1], files.test, number, 'the item');
    seen(user, item);
    heldOut[user] = item;
  });

  const negatives: number[][] = [];
  await forEachLine(files.negative, 'utf-8', (line, number) => {
    if (line === '') return;
    const [pair, ...cells] = line.split('\t');
    const match = /^\((\d+),(\d+)\)$/.exec(pair);
    const user = Number(match?.[1]);
    if (match === null || heldOut[user] !== Number(match[2])) {
      const problem = 'the line does not start with the test pair';
      const remedy = 'Take the test and the negative file from one source';
      throw new DataError({ file: files.negative, line: number, problem, expected: '"(user,item)"', remedy });
    }
    negatives[user] = cells.map((cell) => index(cell, files.negative, number, 'a negative'));
    for (const item of negatives[user]) seen(user, item);
  });

  const test = Int32Array.from({ length: userCount }, (_, user) => heldOut[user] ?? -1);
  const negativesPerUser = Math.max(0, ...negatives.map((row) => row?.length ?? 0));
  const testNegatives = new Uint32Array(userCount * negativesPerUser);
  for (let user = 0; user < userCount; user++) {
    if (test[user] < 0) continue;
    const row = negatives[user] ?? [];
    testNegatives.fill(test[user], user * negativesPerUser, (user + 1) * negativesPerUser);
    testNegatives.set(row, user * negativesPerUser);
  }

  const whole: Interactions = rows.compress(userCount, itemCount);
  const enough = (user: number) => test[user] >= 0 && whole.offsets[user + 1] - whole.offsets[user] >= 2;
  const { rest, last } = withoutLast(whole, enough);
  return {
    name: `${prefix}-ncf`,
    purpose,
    train: purpose === 'test' ? whole : rest,
    validation: last,
    test,
    testNegatives,
    validationNegatives: evaluationNegatives(whole, last, negativesPerUser, seed),
    negativesPerUser,
    seed,
  };
}
