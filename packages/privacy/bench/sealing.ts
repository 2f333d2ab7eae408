/** Sealing and opening 4 MB against the floor: the bare XSalsa20 keystream over the same bytes, once each way. */
import { xsalsa20 } from '@noble/ciphers/salsa.js';
import { createSealingKeys, openInPlace, seal, systemRandom } from '@tributary/privacy';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { medianSeconds } from '../../../bench/median-seconds.ts';

const size = 4 * 2 ** 20;
const most = 4;

export async function rows(): Promise<BenchRow[]> {
  const plaintext = systemRandom.bytes(size);
  const keys = createSealingKeys(systemRandom);
  const sealed = seal(plaintext, keys.publicKey, systemRandom);
  const received = new Uint8Array(sealed.length);
  const key = systemRandom.bytes(32);
  const nonce = systemRandom.bytes(24);
  const stream = new Uint8Array(size);
  const [sealing, opening, bare] = await medianSeconds(
    [
      { name: 'seal', run: () => seal(plaintext, keys.publicKey, systemRandom) },
      {
        name: 'open',
        run: () => {
          received.set(sealed);
          if (openInPlace(received, keys) === null) throw new Error('What was sealed does not open.');
        },
      },
      { name: 'keystream', run: () => xsalsa20(key, nonce, plaintext, stream) },
    ],
    15,
  );
  const ratio = (sealing + opening) / (2 * bare);
  const milliseconds = (seconds: number) => `${(seconds * 1e3).toFixed(1)} ms`;
  return [
    {
      name: 'seal + open of 4 MB over two passes of bare XSalsa20',
      ratio,
      target: `<= ${most}x`,
      ok: ratio <= most,
      detail: `seal ${milliseconds(sealing)}, open ${milliseconds(opening)}, one pass ${milliseconds(bare)}`,
    },
  ];
}
