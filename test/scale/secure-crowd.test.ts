import { describe, expect, it } from 'vitest';
import { secureCrowd } from './secure-crowd.ts';

describe('a crowd of devices in several processes', () => {
  it('completes a secure round although a tenth of it is killed on the way', async () => {
    const report = await secureCrowd({ devices: 40, killed: 0.1, phaseSeconds: 8 });
    expect(report).toMatchObject({ devices: 40, killed: 4, outcome: 'closed', reason: '' });
    expect(report.contributions).toBeGreaterThanOrEqual(36);
  });
});
