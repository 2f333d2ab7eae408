/** A million values of Gaussian noise against the floor: the 10.2 MB of keystream that the polar method spends on them. */
import { addGaussianNoise, bulkRandom, systemRandom } from '@tributary/privacy';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { medianSeconds } from '../../../bench/median-seconds.ts';

const values = 1_000_000;
const chunk = 65_536;
/** Sixteen bytes for a point of the square, of which pi / 4 lie in the disc and give two values. */
const chunks = Math.ceil((values * 8) / (Math.PI / 4) / chunk);
const most = 8;

export async function rows(): Promise<BenchRow[]> {
  const vector = new Float32Array(values);
  const [noise, keystream] = await medianSeconds(
    [
      { name: 'noise', run: () => addGaussianNoise(vector, 0.5, systemRandom) },
      {
        name: 'keystream',
        run: () => {
          const stream = bulkRandom(systemRandom);
          for (let i = 0; i < chunks; i++) stream.bytes(chunk);
        },
      },
    ],
    15,
  );
  const ratio = noise / keystream;
  const milliseconds = (seconds: number) => `${(seconds * 1e3).toFixed(1)} ms`;
  return [
    {
      name: 'a million values of Gaussian noise over the keystream that they take',
      ratio,
      target: `<= ${most}x`,
      ok: ratio <= most,
      detail: `${milliseconds(noise)} against ${milliseconds(keystream)}`,
    },
  ];
}
