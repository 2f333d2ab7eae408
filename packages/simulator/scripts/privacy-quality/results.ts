/** What has been measured so far: one line of JSON a run, so that the hours may be spent in parts. */
import { appendFile, readFile } from 'node:fs/promises';
import type { Cell } from './cells.ts';

export interface Run extends Cell {
  readonly seed: number;
  readonly on: 'validation' | 'test';
  /** HR@10 and NDCG@10. */
  readonly sampled: readonly [number, number];
  readonly full: readonly [number, number];
  /** As charged; null without noise. */
  readonly spent: number | null;
  /** Of each round: clip norm, and the share of devices that it shortened. */
  readonly clipNorms: readonly number[];
  readonly clipped: readonly number[];
  /** Most of their range that the integers of a sum used; null where none were summed. */
  readonly fill?: number | null;
  readonly rounds: number;
}

const file = new URL('results.jsonl', import.meta.url);

export async function readRuns(): Promise<readonly Run[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Run);
}

export async function addRun(run: Run): Promise<void> {
  await appendFile(file, `${JSON.stringify(run)}\n`);
}

export function sameCell(a: Cell, b: Cell): boolean {
  return a.epsilon === b.epsilon && a.placement === b.placement && a.clip === b.clip && a.prior === b.prior;
}
