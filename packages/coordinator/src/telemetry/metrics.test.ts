import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics, type Metrics } from './metrics.ts';

let metrics: Metrics;
afterEach(() => metrics.close());

/** Value of a sample in the text format. */
async function sampleOf(sample: string): Promise<number | undefined> {
  const line = (await metrics.render()).split('\n').find((candidate) => candidate.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length + 1));
}

describe('the metrics', () => {
  it('count what happened', async () => {
    metrics = createMetrics();
    metrics.roundEnded({ task: 'books', outcome: 'closed', seconds: 2 });
    metrics.roundEnded({ task: 'books', outcome: 'closed', seconds: 40 });
    metrics.roundEnded({ task: 'books', outcome: 'abandoned', seconds: 1 });
    metrics.contributionAdded('books');
    metrics.phaseEnded({ task: 'books', phase: 'keying', seconds: 2 });
    metrics.phaseEnded({ task: 'books', phase: 'keying', seconds: 5 });
    metrics.filled('books', 0.25);
    metrics.bytesReceived(1000);
    metrics.bytesReceived(24);
    metrics.refused('norm-exceeded');
    metrics.connected(12);
    metrics.connected(9);
    metrics.spent('readers', 1.25, 8);
    expect(await sampleOf('tributary_rounds_total{task="books",outcome="closed"}')).toBe(2);
    expect(await sampleOf('tributary_rounds_total{task="books",outcome="abandoned"}')).toBe(1);
    expect(await sampleOf('tributary_round_seconds_bucket{le="3",task="books",outcome="closed"}')).toBe(1);
    expect(await sampleOf('tributary_round_seconds_sum{task="books",outcome="closed"}')).toBe(42);
    expect(await sampleOf('tributary_contributions_total{task="books"}')).toBe(1);
    expect(await sampleOf('tributary_round_phase_seconds_sum{task="books",phase="keying"}')).toBe(7);
    expect(await sampleOf('tributary_secure_sum_fill_ratio{task="books"}')).toBe(0.25);
    expect(await sampleOf('tributary_received_bytes_total')).toBe(1024);
    expect(await sampleOf('tributary_refusals_total{code="norm-exceeded"}')).toBe(1);
    expect(await sampleOf('tributary_connected_devices')).toBe(9);
    expect(await sampleOf('tributary_privacy_epsilon_spent{population="readers"}')).toBe(1.25);
    expect(await sampleOf('tributary_privacy_epsilon_budget{population="readers"}')).toBe(8);
    expect(await sampleOf('tributary_event_loop_delay_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0);
  });

  it('have no label of a device, a person or an item', async () => {
    metrics = createMetrics();
    metrics.roundEnded({ task: 'books', outcome: 'closed', seconds: 2 });
    metrics.refused('malformed');
    metrics.phaseEnded({ task: 'books', phase: 'keying', seconds: 2 });
    metrics.filled('books', 0.25);
    metrics.spent('readers', 0, 8);
    const labels = new Set([...(await metrics.render()).matchAll(/([a-z_]+)="/g)].map(([, name]) => name));
    expect([...labels].sort()).toEqual(['code', 'le', 'outcome', 'phase', 'population', 'quantile', 'task']);
  });

  it('are of one coordinator each', async () => {
    metrics = createMetrics();
    const other = createMetrics();
    other.bytesReceived(5);
    other.close();
    expect(await sampleOf('tributary_received_bytes_total')).toBe(0);
  });
});
