/**
 * The engine on a GPU against all cores of the same machine and against what its arithmetic allows. Run alone by
 * `tsx --conditions=source packages/coordinator/bench/engines-gpu.ts`.
 */
import { pathToFileURL } from 'node:url';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { shownSeconds } from '../../../bench/cpu-seconds.ts';
import {
  arithmeticLimit,
  keystreamBytes,
  keystreamRate,
  operationsPerBlock,
} from '../../../bench/engines-cost/keystream-rate.ts';
import { planOf } from '../../../bench/secagg-cost/plan.ts';
import { openCpuEngine } from '../src/aggregation/engines/cpu/cpu-engine.ts';
import type { AggregationEngine } from '../src/aggregation/engines/engine.ts';
import { openWebgpuEngine } from '../src/aggregation/engines/webgpu/webgpu-engine.ts';
import { unmask } from '../src/aggregation/unmask.ts';

const bits = 20;
const length = 1_000_000;
const [leastOverCores, leastOfLimit] = [20, 0.5];

/** 32-bit integer lanes and clock [Hz] by what Dawn calls the card, from its maker's data sheet; others by the two variables. */
const cards: readonly (readonly [RegExp, number, number])[] = [[/h100|h200/i, 132 * 64, 1.755e9]];

function limitOf(device: string): number | null {
  const lanes = Number(process.env.TRIBUTARY_GPU_LANES);
  const clock = Number(process.env.TRIBUTARY_GPU_HERTZ);
  if (lanes > 0 && clock > 0) return arithmeticLimit(lanes, clock, bits);
  const known = cards.find(([name]) => name.test(device));
  return known ? arithmeticLimit(known[1], known[2], bits) : null;
}

const names = {
  cores: `keystream accumulate, ${length / 1e6}M elements of ${bits} bits: a GPU over all cores of the same machine`,
  limit: 'the same: over the arithmetic limit of its lanes and clock',
  round: `unmasking of n = 10,000 devices, d = 10^6, a twentieth lost, on a GPU`,
};
const notMeasured = (detail: string): BenchRow[] => [
  { name: names.cores, ratio: null, target: `>= ${leastOverCores}x`, ok: null, detail },
  { name: names.limit, ratio: null, target: `>= ${leastOfLimit}x`, ok: null, detail },
  { name: names.round, ratio: null, target: 'seconds', ok: null, detail },
];

/** All masks of the round, on the engine from the first seed to the sum on the host. */
async function unmaskingSeconds(
  engine: AggregationEngine,
): Promise<{ readonly seconds: number; readonly masks: number }> {
  const n = 10_000;
  const { neighbours, lost } = planOf(n);
  const masks = n - lost + Math.round((lost * neighbours * (n - lost)) / n);
  function* seeds() {
    for (let i = 0; i < masks; i++) {
      const seed = new Uint8Array(32);
      new DataView(seed.buffer).setUint32(0, i);
      yield { seed, sign: i % 2 === 0 ? (1 as const) : (-1 as const) };
    }
  }
  const sum = await engine.openModularSum([{ length, bits }]);
  const began = performance.now();
  await unmask(sum, seeds());
  const seconds = (performance.now() - began) / 1000;
  await sum.close();
  return { seconds, masks };
}

export async function rows(): Promise<BenchRow[]> {
  const gpu = await openWebgpuEngine();
  if ('missing' in gpu) return notMeasured(gpu.missing);
  const cpu = openCpuEngine();
  const software = /software rasteriser/.test(gpu.device);
  const ours = await keystreamRate(gpu, { length, bits, seeds: software ? 16 : 4096 });
  const cores = await keystreamRate(cpu, { length, bits, seeds: 128 });
  await cpu.close();
  const rate = (bytes: number) => `${(bytes / 1e9).toPrecision(3)} GB/s`;
  const detail = `${gpu.device}: ${rate(ours)} against ${rate(cores)} of ${cpu.device}`;
  if (software) {
    await gpu.close();
    return notMeasured(detail);
  }
  const ratio = ours / cores;
  const limit = limitOf(gpu.device);
  const { seconds, masks } = await unmaskingSeconds(gpu);
  await gpu.close();
  const bytes = masks * keystreamBytes({ length, bits, seeds: 1 });
  return [
    { name: names.cores, ratio, target: `>= ${leastOverCores}x`, ok: ratio >= leastOverCores, detail },
    {
      name: names.limit,
      ratio: limit === null ? null : ours / limit,
      target: `>= ${leastOfLimit}x`,
      ok: limit === null ? null : ours / limit >= leastOfLimit,
      detail:
        limit === null
          ? 'name its lanes and clock in TRIBUTARY_GPU_LANES and TRIBUTARY_GPU_HERTZ'
          : `${rate(ours)} of ${rate(limit)}: ${operationsPerBlock(bits)} operations for 64 bytes, one a lane and cycle`,
    },
    {
      name: names.round,
      ratio: null,
      target: 'seconds',
      ok: seconds < 60,
      detail: `${shownSeconds(seconds)} for ${masks} masks, ${(bytes / 1e9).toFixed(0)} GB of keystream, on ${gpu.device}`,
    },
  ];
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) console.table(await rows());
