/** What the benchmark's page runs in Chromium. */
import { createTributary, createTributaryInWorker, type Tributary, type TributaryOptions } from '@tributary/client';
import { createRecommender, seededRandom, topK } from '@tributary/model';
import { createModularAccumulator } from '@tributary/privacy';
import { medianMilliseconds } from './epoch.ts';

interface BenchPage {
  readonly tributary: Tributary | null;
  /** Milliseconds of the longest task of the main thread since the page was loaded; 0: none above 50 ms. */
  readonly longestTask: number;
  open(options: TributaryOptions, where: 'page' | 'worker'): Promise<void>;
  topTen(): { readonly copy: number; readonly ranking: number };
  masks(): { readonly wasm: number; readonly portable: number };
  epochInWorker(turns: number): Promise<number>;
  memory(): Promise<number>;
}

declare global {
  var bench: BenchPage;
}

let tributary: Tributary | null = null;
let longestTask = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) longestTask = Math.max(longestTask, duration);
}).observe({ type: 'longtask', buffered: true });

globalThis.bench = {
  get tributary() {
    return tributary;
  },
  get longestTask() {
    return longestTask;
  },
  async open(options, where) {
    tributary =
      where === 'page'
        ? await createTributary(options)
        : await createTributaryInWorker(new Worker('/sdk-worker.js', { type: 'module' }), options);
  },
  topTen() {
    const itemCount = 100_000;
    const recommender = createRecommender({
      kind: 'implicit-als',
      itemCount,
      dimension: 64,
      unobservedWeight: 0.1,
      regularisation: 0.004,
      initialScale: 1,
      recency: null,
      recencyInTraining: false,
      itemCap: null,
      groupScales: { rows: 1, counts: 0.1, outer: 0.5 },
    });
    const bound = recommender.bind(recommender.initialise(1));
    const items = Uint32Array.from({ length: 200 }, (_, at) => 499 * at);
    const state = bound.fitPrivateState({ items }, seededRandom(1));
    const left = new Uint8Array(itemCount);
    for (const item of items) left[item] = 1;
    const scores = new Float32Array(itemCount);
    const { values } = bound.itemVectors();
    const copy = new Float32Array(values.length);
    return {
      copy: medianMilliseconds(51, () => copy.set(values)),
      ranking: medianMilliseconds(51, () => topK(bound.score(state, scores), 10, { left })),
    };
  },
  masks() {
    const seed = crypto.getRandomValues(new Uint8Array(32));
    const timed = (masking: 'wasm' | 'portable') => {
      const sum = createModularAccumulator({ length: 1_000_000, bits: 16, section: 0, masking });
      return medianMilliseconds(15, () => sum.addMask(seed, 1));
    };
    return { wasm: timed('wasm'), portable: timed('portable') };
  },
  epochInWorker(turns) {
    const worker = new Worker('/worker.js', { type: 'module' });
    return new Promise((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.postMessage(turns);
    });
  },
  async memory() {
    const measure = (performance as { measureUserAgentSpecificMemory?(): Promise<{ bytes: number }> })
      .measureUserAgentSpecificMemory;
    if (!measure) throw new Error('This browser does not measure memory.');
    return (await measure.call(performance)).bytes;
  },
};
