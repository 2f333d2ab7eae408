import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  explainInfeasible,
  findGraph,
  findRange,
  findSemiHonestGraph,
  fullGraph,
  graphForRange,
  graphHolds,
  openedMinimum,
} from './index.ts';

interface Row {
  readonly n: number;
  readonly gamma: number;
  readonly delta: number;
  readonly model: 'malicious' | 'semi-honest';
  readonly sigma: number;
  readonly eta: number;
  readonly alpha?: number;
  readonly graph: 'full' | 'ring' | 'own-choice' | 'infeasible';
  readonly degree: number;
  readonly threshold: number;
  readonly threshold_min: number;
  readonly threshold_max: number;
  readonly mask_neighbours: number;
  readonly opened_min: number;
  readonly in_degree_cap?: number;
}
const rows: readonly Row[] = JSON.parse(
  readFileSync(new URL('../../../../../test/golden/secagg/parameters.json', import.meta.url), 'utf8'),
).rows;
const usual = { corrupt: 0.05, dropout: 0.1 };

function found(row: Row) {
  const { gamma: corrupt, delta: dropout, sigma: security, eta: completion } = row;
  // The table's alpha: half, or three tenths where many are corrupt.
  const assumptions = { corrupt, dropout, security, completion, alpha: corrupt < 0.2 ? 0.5 : 0.3 };
  return row.model === 'malicious' ? findGraph(row.n, assumptions) : findSemiHonestGraph(row.n, assumptions);
}

describe('degree and threshold', () => {
  it(`are those of the independent computation (scipy) in all ${rows.length} rows`, () => {
    for (const row of rows) {
      const graph = found(row);
      if (row.graph === 'infeasible') {
        expect(graph, JSON.stringify(row)).toBeNull();
        continue;
      }
      expect(graph, JSON.stringify(row)).toMatchObject({
        graph: row.graph,
        degree: row.degree,
        threshold: row.threshold,
        thresholdRange: [row.threshold_min, row.threshold_max],
        maskNeighbours: row.mask_neighbours,
        openedMinimum: row.opened_min,
        ...(row.in_degree_cap === undefined ? {} : { inDegreeCap: row.in_degree_cap }),
      });
    }
  });

  it('of the default for a thousand devices are 90 and 58, and prove sums of 565', () => {
    expect(findGraph(1000, usual)).toMatchObject({ degree: 90, threshold: 58, inDegreeCap: 160, openedMinimum: 565 });
    for (const [n, opened] of [
      [100, 51],
      [500, 281],
      [5000, 2862],
    ]) {
      expect(findGraph(n, usual)?.openedMinimum).toBe(opened);
    }
  });

  it('serve a range of sizes: as the reference says for 800 to 1,000 and to 1,200', () => {
    expect(findRange(800, 1000, usual)).toMatchObject({ degree: 90, threshold: 58, openedMinimum: [452, 565] });
    expect(findRange(800, 1200, usual)).toMatchObject({ degree: 93, threshold: 60 });
  });

  it('are checked at the real size: 90 and 58 serve 150 to 1,019, and no longer 1,020', () => {
    for (const n of [150, 400, 800, 1000, 1019]) expect(graphHolds(n, 90, 58, usual)).toBe(true);
    expect(graphHolds(1020, 90, 58, usual)).toBe(false);
    expect(graphHolds(1000, 90, 45, usual)).toBe(false);
    expect(graphHolds(1000, 3, 2, usual)).toBe(false);
    expect(graphHolds(1000, 90, 58, { ...usual, corrupt: 0.2 })).toBe(false);
    expect(openedMinimum(1000, 90, 58, usual)).toBe(565);
  });

  it('get stricter with every assumption', () => {
    const degree = (change: Partial<Parameters<typeof findGraph>[1]>) =>
      findGraph(500, { ...usual, ...change })?.degree as number;
    expect(degree({ security: 60 })).toBeGreaterThan(degree({}));
    expect(degree({ corrupt: 0.1 })).toBeGreaterThan(degree({}));
    expect(degree({ dropout: 0.2 })).toBeGreaterThan(degree({}));
    expect(degree({ completion: 10 })).toBeLessThan(degree({}));
  });
});

describe('the full graph', () => {
  it('bounds both secrets and every opened sum by counting', () => {
    for (let n = 3; n <= 200; n++) {
      const graph = fullGraph(n, usual);
      if (!graph) continue;
      const [corrupt, lost] = [Math.floor(0.05 * n + 1e-9), Math.floor(0.1 * n + 1e-9)];
      // Corrupt devices sign both ways: t of one secret and t of the other need 2t <= k + corrupt.
      expect(2 * graph.threshold).toBeGreaterThan(n - 1 + corrupt);
      expect(graph.threshold).toBeLessThanOrEqual(n - 1 - lost);
      expect(graph.openedMinimum).toBe(graph.threshold + 1 - corrupt);
      expect(graphHolds(n, n - 1, graph.threshold, usual)).toBe(true);
    }
  });

  it('is taken up to 200 devices, and where neighbours would be half of all', () => {
    expect(graphForRange(20, 200, usual)).toEqual({ graph: 'full' });
    expect(graphForRange(180, 240, usual)).toMatchObject({ graph: 'own-choice' });
    expect(graphForRange(200, 240, { corrupt: 0.2, dropout: 0.2, alpha: 0.3 })).toEqual({ graph: 'full' });
  });

  it('is refused with its arithmetic where no threshold exists', () => {
    const hopeless = { corrupt: 0.4, dropout: 0.4 };
    expect(fullGraph(20, hopeless)).toBeNull();
    const plan = graphForRange(20, 24, hopeless);
    expect(plan).toEqual({ graph: 'infeasible', explanation: explainInfeasible(20, hopeless) });
    expect(explainInfeasible(20, hopeless)).toMatch(/20 devices .* 40 % .* \(8\) .* at least 14.* at most 11/);
  });
});
