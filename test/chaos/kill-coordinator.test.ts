import { describe, expect, it } from 'vitest';
import { killCoordinator, roundsOf } from './kill-coordinator.ts';

const instants = Number(process.env['TRIBUTARY_CHAOS_INSTANTS'] ?? 3);

describe('a coordinator killed at random instants', () => {
  it.each([
    ['sealed', 8],
    ['secure', 24],
  ] as const)(
    `comes back by itself ${instants} times under the plan %s, loses no published version, never under-counts its ledger, and its devices finish`,
    { timeout: 180_000 + instants * 40_000 },
    async (privacy, devices) => {
      const report = await killCoordinator({ instants, devices, privacy });
      expect(report.devicesFinished).toBe(devices);
      expect(report.closedRounds).toBe(roundsOf(instants));
      expect(report.versions).toBe(report.closedRounds + 1);
      expect(report.charges).toBeGreaterThanOrEqual(report.closedRounds);
    },
  );
});
