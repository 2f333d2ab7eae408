/**
 * A device's masks against the floor: the bare keystream of the same bytes by the platform's ChaCha20, in the same run. A cohort of
 * 1,000 devices gives one of them 172 mask neighbours, and it adds a mask of its own.
 */
import { createCipheriv } from 'node:crypto';
import { createModularAccumulator, elementsPerBlock, type Masking } from '@tributary/privacy';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { medianSeconds } from '../../../bench/median-seconds.ts';

const elements = 1_000_000;
const streams = 173;
/** Of plain TypeScript, which takes the longest by far. */
const portableStreams = 17;
const most = 1.5;
const turns = 9;
const zeros = new Uint8Array(65_536);
const maskings: readonly Masking[] = ['native', 'wasm', 'portable'];

export async function rows(): Promise<BenchRow[]> {
  return [...(await rowsOf(20)), ...(await rowsOf(16))];
}

async function rowsOf(bits: number): Promise<BenchRow[]> {
  const bytes = 64 * Math.ceil(elements / elementsPerBlock(bits));
  const seeds = Array.from({ length: streams }, (_, i) => new Uint8Array(32).fill(i + 1));
  const contestant = (name: string, masking?: Masking) => {
    const sum = createModularAccumulator({ length: elements, bits, section: 0, ...(masking ? { masking } : {}) });
    const used = masking === 'portable' ? seeds.slice(0, portableStreams) : seeds;
    return {
      name,
      chosen: sum.masking,
      run: () => used.forEach((seed, i) => sum.addMask(seed, i % 2 === 0 ? 1 : -1)),
    };
  };
  const byDefault = contestant('default');
  const [bare, best, ...others] = await medianSeconds(
    [
      { name: 'bare keystream', run: () => seeds.forEach((seed) => bareKeystream(seed, bytes)) },
      byDefault,
      ...maskings.map((masking) => contestant(masking, masking)),
    ],
    turns,
  );
  const milliseconds = (seconds: number, count = streams) => `${((1e3 * seconds) / count).toFixed(2)} ms a stream`;
  return [
    {
      name: `client masking, 1M elements, b = ${bits}, ${streams} streams, over node:crypto's bare keystream`,
      ratio: best / bare,
      target: `<= ${most}x`,
      ok: best / bare <= most,
      detail: `by default ${byDefault.chosen}: ${milliseconds(best)} against ${milliseconds(bare)}`,
    },
    ...maskings.map((masking, i) => {
      const count = masking === 'portable' ? portableStreams : streams;
      return {
        name: `the same by '${masking}'`,
        ratio: others[i] / count / (bare / streams),
        target: '-',
        ok: null,
        detail: milliseconds(others[i], count),
      };
    }),
  ];
}

function bareKeystream(seed: Uint8Array, bytes: number): void {
  const cipher = createCipheriv('chacha20', seed, new Uint8Array(16));
  for (let left = bytes; left > 0; left -= zeros.length) cipher.update(zeros.subarray(0, Math.min(left, zeros.length)));
}
