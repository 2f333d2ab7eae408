import { describe, expect, it } from 'vitest';
import { killCoordinator } from './kill-coordinator.ts';

const instants = Number(process.env['TRIBUTARY_CHAOS_INSTANTS'] ?? 4);

describe('a coordinator killed at random instants', () => {
  it(`comes back by itself ${instants} times, loses no published version, never under-counts its ledger, and its devices finish`, {
    timeout: 60_000 + instants * 15_000,
  }, async () => {
    const report = await killCoordinator({ instants, devices: 8 });
    expect(report.devicesFinished).toBe(8);
    expect(report.closedRounds).toBe(4 * instants + 6);
    expect(report.versions).toBe(report.closedRounds + 1);
    expect(report.charges).toBeGreaterThanOrEqual(report.closedRounds);
  });
});
