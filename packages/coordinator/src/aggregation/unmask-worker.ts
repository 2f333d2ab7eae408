/**
 * Entry of a thread that adds up masks over its slices of a vector. It holds its slices and one batch of seeds, whatever the
 * number of masks and the size of the model.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { createModularAccumulator } from '@tributary/privacy';

/** A part of one section: coordinates [from, from + length). */
export interface MaskSlice {
  readonly section: number;
  readonly bits: number;
  readonly from: number;
  readonly length: number;
}

/** Seeds one after the other, 32 bytes each, with the sign of each. */
export interface MaskBatch {
  readonly seeds: Uint8Array;
  readonly signs: Int8Array;
}

export type UnmaskRequest = { readonly kind: 'add'; readonly batch: MaskBatch } | { readonly kind: 'finish' };
export type UnmaskReply =
  | { readonly kind: 'added' }
  /** Sums of the masks modulo 2^bits, for each slice. */
  | { readonly kind: 'sums'; readonly sums: readonly Uint32Array[] };

if (parentPort) {
  const port = parentPort;
  const accumulators = (workerData as readonly MaskSlice[]).map((slice) => createModularAccumulator(slice));
  port.on('message', (request: UnmaskRequest) => {
    if (request.kind === 'add') {
      const { seeds, signs } = request.batch;
      for (const accumulator of accumulators) {
        for (const [index, sign] of signs.entries()) {
          accumulator.addMask(seeds.subarray(32 * index, 32 * (index + 1)), sign < 0 ? -1 : 1);
        }
      }
      seeds.fill(0);
      port.postMessage({ kind: 'added' } satisfies UnmaskReply);
      return;
    }
    const sums = accumulators.map((accumulator) => ownBuffer(accumulator.values()));
    const buffers = sums.map(({ buffer }) => buffer);
    port.postMessage({ kind: 'sums', sums } satisfies UnmaskReply, buffers);
    port.close();
  });
}

/** The values in a buffer that holds nothing else, and can be handed over without a copy. */
function ownBuffer(values: Uint32Array): Uint32Array<ArrayBuffer> {
  const { buffer, byteLength } = values;
  const alone = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  return alone ? (values as Uint32Array<ArrayBuffer>) : Uint32Array.from(values);
}
