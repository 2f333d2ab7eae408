import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './scripts/summary-reporter.ts';

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: [
      'packages/*/{src,bench,scripts}/**/*.test.{ts,tsx}',
      'examples/*/src/**/*.test.ts',
      'test/**/*.test.{ts,tsx}',
      'bench/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    reporters: ['default', new SummaryReporter()],
    setupFiles: ['scripts/property-seed.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    maxWorkers: 2,
    // Real sockets, browsers and devices on a busy machine: what passed only on a second try is named at the end of the run.
    retry: process.env.CI ? 1 : 0,
  },
});
