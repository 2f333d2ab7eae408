/** Prometheus metrics of the whole coordinator: by task, population and code, never by device. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { RefusalCode } from '@tributary/protocol';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  /** A round that ended, `seconds` after it was opened. */
  roundEnded(round: {
    readonly task: string;
    readonly outcome: 'closed' | 'abandoned';
    readonly seconds: number;
  }): void;
  /** A phase of a round that ended after so many seconds. */
  phaseEnded(phase: { readonly task: string; readonly phase: string; readonly seconds: number }): void;
  contributionAdded(task: string): void;
  /** How near the opened sum of a secure round came to wrapping, in [0, 1]. */
  filled(task: string, fill: number): void;
  /** Bytes of uploads and requests that came in. */
  bytesReceived(bytes: number): void;
  refused(code: RefusalCode): void;
  /** Devices that are connected now. */
  connected(devices: number): void;
  /** What a population has been charged so far, and its budget. */
  spent(population: string, epsilon: number, budget: number): void;
  /** The Prometheus text format. */
  render(): Promise<string>;
  readonly contentType: string;
  /** Stops measuring the event loop. */
  close(): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const rounds = new Counter({
    name: 'tributary_rounds_total',
    help: 'Rounds that ended, by task and outcome (closed, abandoned).',
    labelNames: ['task', 'outcome'] as const,
    registers,
  });
  const roundSeconds = new Histogram({
    name: 'tributary_round_seconds',
    help: 'Seconds from the opening of a round to its end.',
    labelNames: ['task', 'outcome'] as const,
    buckets: [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000],
    registers,
  });
  const phaseSeconds = new Histogram({
    name: 'tributary_round_phase_seconds',
    help: 'Seconds that a phase of a round took.',
    labelNames: ['task', 'phase'] as const,
    buckets: [0.01, 0.1, 1, 3, 10, 30, 100, 300, 1000],
    registers,
  });
  const contributions = new Counter({
    name: 'tributary_contributions_total',
    help: 'Contributions that were checked and added to a sum.',
    labelNames: ['task'] as const,
    registers,
  });
  const fill = new Gauge({
    name: 'tributary_secure_sum_fill_ratio',
    help: "Largest coordinate of a task's last secure sum over what its integers hold; near 1 it may have wrapped.",
    labelNames: ['task'] as const,
    registers,
  });
  const bytes = new Counter({
    name: 'tributary_received_bytes_total',
    help: 'Bytes received from devices.',
    registers,
  });
  const refusals = new Counter({
    name: 'tributary_refusals_total',
    help: 'Messages and connections that were refused, by code.',
    labelNames: ['code'] as const,
    registers,
  });
  const devices = new Gauge({ name: 'tributary_connected_devices', help: 'Devices connected now.', registers });
  const epsilon = new Gauge({
    name: 'tributary_privacy_epsilon_spent',
    help: "Epsilon that a population has been charged, at its ledger's delta.",
    labelNames: ['population'] as const,
    registers,
  });
  const budgets = new Gauge({
    name: 'tributary_privacy_epsilon_budget',
    help: 'Epsilon that a population may be charged in all.',
    labelNames: ['population'] as const,
    registers,
  });
  const delay = measureEventLoop(registers);

  return {
    roundEnded({ task, outcome, seconds }) {
      rounds.inc({ task, outcome });
      roundSeconds.observe({ task, outcome }, seconds);
    },
    phaseEnded: ({ task, phase, seconds }) => phaseSeconds.observe({ task, phase }, seconds),
    contributionAdded: (task) => contributions.inc({ task }),
    filled: (task, ratio) => fill.set({ task }, ratio),
    bytesReceived: (count) => bytes.inc(count),
    refused: (code) => refusals.inc({ code }),
    connected: (count) => devices.set(count),
    spent(population, value, budget) {
      epsilon.set({ population }, value);
      budgets.set({ population }, budget);
    },
    render: () => registry.metrics(),
    contentType: registry.contentType,
    close: () => void delay.disable(),
  };
}

/** Quantiles of the event loop's delay since the last scrape, and memory, read when scraped. */
function measureEventLoop(registers: Registry[]) {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  new Gauge({
    name: 'tributary_event_loop_delay_seconds',
    help: 'Delay of the event loop since the last scrape, by quantile.',
    labelNames: ['quantile'] as const,
    registers,
    collect() {
      for (const percent of [50, 99, 100])
        this.set({ quantile: percent / 100 }, (delay.percentile(percent) || 0) / 1e9);
      delay.reset();
    },
  });
  new Gauge({
    name: 'tributary_resident_memory_bytes',
    help: 'Resident memory of the process.',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  return delay;
}
