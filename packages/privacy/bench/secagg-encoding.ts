/**
 * Encoding and decoding a million coordinates against what the rotation alone must move in passes of radix 4: a copy, and a loop
 * that reads and writes the vector once per two levels of the transform.
 */
import { decodeSum, encodeSection, type SectionEncoding, scaleFor, systemRandom } from '@tributary/privacy';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { medianSeconds } from '../../../bench/median-seconds.ts';

const length = 2 ** 20;
const passes = Math.log2(length) / 2;
const most = 2;

export async function rows(): Promise<BenchRow[]> {
  const options = { bits: 16, length, bound: 1, kind: 'rotated', maximumSummed: 1000 } as const;
  const encoding: SectionEncoding = { ...options, section: 0, scale: scaleFor(options) };
  const roundHash = systemRandom.bytes(32);
  const delta = Float32Array.from({ length }, (_, i) => Math.sin(i));
  const scratch = new Float32Array(length);
  const encoded = encodeSection(delta.slice(), encoding, roundHash, systemRandom);
  const [encode, decode, floor] = await medianSeconds(
    [
      {
        name: 'encode',
        run: () => {
          scratch.set(delta);
          encodeSection(scratch, encoding, roundHash, systemRandom);
        },
      },
      { name: 'decode', run: () => decodeSum(encoded, encoding, roundHash) },
      {
        name: 'floor',
        run: () => {
          scratch.set(delta);
          for (let pass = 0; pass < passes; pass++) negate(scratch);
        },
      },
    ],
    15,
  );
  const milliseconds = (seconds: number) => `${(seconds * 1e3).toFixed(1)} ms`;
  return [
    { name: 'encoding', seconds: encode },
    { name: 'decoding', seconds: decode },
  ].map(({ name, seconds }) => ({
    name: `${name} 2^20 coordinates at 16 bits over a copy and ${passes} passes`,
    ratio: seconds / floor,
    target: `<= ${most}x`,
    ok: seconds / floor <= most,
    detail: `${milliseconds(seconds)} against ${milliseconds(floor)}`,
  }));
}

function negate(x: Float32Array): void {
  for (let i = 0; i < x.length; i++) x[i] = -x[i];
}
