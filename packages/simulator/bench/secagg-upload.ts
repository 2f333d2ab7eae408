/** Bytes that a device sends in a secure round over those of its packed vector alone: 1,000 devices, 1M parameters, k = 90. */
import { packedLength } from '@tributary/privacy';
import { encode, uploadChunks } from '@tributary/protocol';
import type { BenchRow } from '../../../bench/bench-row.ts';
import { secureMessageBytes } from '../src/engine/secure-round-bytes.ts';

const parameters = 1_000_000;
const people = 1_000_000;

export async function rows(): Promise<BenchRow[]> {
  return [16, 20].map((bits) => {
    const payload = packedLength(parameters, bits);
    const secure = {
      bits,
      scale: 1,
      metricsBits: 32,
      metricsScale: 1,
      degree: 90,
      threshold: 58,
      inDegreeCap: 160,
      rosterMaximum: 1000,
      corrupt: 500,
      dropout: 1000,
      phaseMilliseconds: 30_000,
      tally: 'weight' as const,
      noise: null,
    };
    const beside = secureMessageBytes(secure, 1000, people);
    let sent = encode('uploadOpen', { round: 1, bytes: payload, sha256: new Uint8Array(32), statement: null }).length;
    for (const chunk of uploadChunks(new Uint8Array(payload), 0))
      sent += encode('uploadChunk', { round: 1, ...chunk }).length;
    sent += encode('uploadClose', { round: 1 }).length + beside.up;
    return {
      name: `secure upload of 1M coordinates of ${bits} bits over its packed payload`,
      ratio: sent / payload,
      target: '<= 1.1x',
      ok: sent / payload <= 1.1,
      detail: `${sent} bytes of ${payload}; a device is shown ${beside.down} bytes beside the model`,
    };
  });
}
