/** Entry of a thread that takes the steps of a task whose text encoder is adapted: it holds the encoder and the catalogue's texts. */
import { parentPort, workerData } from 'node:worker_threads';
import { type ItemEncodings, itemText, type RoundSum } from '@tributary/model';
import { createTextModel } from '@tributary/model/encoder';
import { openEncoder } from '@tributary/model/encoder/node';
import type { TaskDocument } from '@tributary/protocol';
import type { CatalogueItem } from '../store/store.ts';
import { coordinatorRecommender } from '../task/create-task.ts';
import { adapterOf } from '../task/fitted-adapter.ts';

export interface StepThreadSettings {
  readonly document: TaskDocument;
  readonly items: readonly CatalogueItem[];
  readonly encodings: ItemEncodings;
  /** Of the encoder that the encodings are of; null for the built-in one. */
  readonly encoderFolder: string | null;
}

export interface StepRequest {
  /** [layout.size] */
  readonly shared: Float32Array;
  readonly round: RoundSum;
}

export type StepReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'direction'; readonly direction: Float32Array<ArrayBuffer> }
  /** The step failed; the thread goes on. */
  | { readonly kind: 'failed'; readonly error: unknown };

if (parentPort) {
  const port = parentPort;
  const { document, items, encodings, encoderFolder } = workerData as StepThreadSettings;
  const adapter = adapterOf(document);
  if (!adapter) throw new TypeError('Only steps with an adapter are taken in a thread.');
  const model = await createTextModel(await openEncoder(encoderFolder));
  const encoder = model.trainable(items.map(itemText), adapter);
  const recommender = coordinatorRecommender(document, items.length, items, { encodings, encoder });
  port.on('message', ({ shared, round }: StepRequest) => {
    try {
      const direction = Float32Array.from(recommender.direction(shared, round));
      port.postMessage({ kind: 'direction', direction } satisfies StepReply, [direction.buffer]);
    } catch (error) {
      port.postMessage({ kind: 'failed', error } satisfies StepReply);
    }
  });
  port.postMessage({ kind: 'ready' } satisfies StepReply);
}
