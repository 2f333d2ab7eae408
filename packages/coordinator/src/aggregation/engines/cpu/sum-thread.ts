/**
 * Entry of a thread that adds keystreams to its slices of sums, in memory that it shares with the thread that opened them. It holds
 * nothing of its own but scratch, whatever the number of keystreams and the size of the model.
 */
import { parentPort } from 'node:worker_threads';
import type { ModularAccumulator } from '@tributary/privacy';
import { accumulatorOver, type SharedSum } from '@tributary/privacy/shared-sum';

/** Seeds one after the other, 32 bytes each, with the sign of each. */
export interface KeystreamBatch {
  readonly seeds: Uint8Array;
  readonly signs: Int8Array;
}

export interface ThreadSlice {
  readonly sum: SharedSum;
  readonly from: number;
  readonly length: number;
  readonly place: number;
}

export type ThreadRequest =
  | { readonly kind: 'open'; readonly id: number; readonly slices: readonly ThreadSlice[] }
  | { readonly kind: 'add'; readonly id: number; readonly batch: KeystreamBatch }
  | { readonly kind: 'close'; readonly id: number };

/** A batch is in the sum. */
export interface ThreadReply {
  readonly id: number;
}

if (parentPort) {
  const port = parentPort;
  const open = new Map<number, readonly ModularAccumulator[]>();
  port.on('message', (request: ThreadRequest) => {
    const { id } = request;
    if (request.kind === 'open') {
      open.set(
        id,
        request.slices.map(({ sum, ...slice }) => accumulatorOver(sum, slice)),
      );
      return;
    }
    if (request.kind === 'close') return void open.delete(id);
    const { seeds, signs } = request.batch;
    for (const accumulator of open.get(id) ?? []) accumulator.addMasks(seeds, signs);
    seeds.fill(0);
    port.postMessage({ id } satisfies ThreadReply);
  });
}
