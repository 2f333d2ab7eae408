/** The text encoder of tasks whose model sees texts: encodings of their catalogues, and threads that fit its adapter. */
import type { ItemEncodings } from '@tributary/model';
import type { TaskDocument } from '@tributary/protocol';
import type { CoordinatorOptions } from '../coordinator.ts';
import { type StepThread, startStepThread } from '../release/step-thread.ts';
import type { CatalogueItem } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import { seesTexts } from './create-task.ts';
import { adapterOf } from './fitted-adapter.ts';

export interface TaskEncoder {
  /**
   * To be asked before such a task is written.
   * @throws StoreError 'conflict' where there is no encoder for it, or its adapter does not fit the encoder
   */
  check(document: TaskDocument, items: readonly CatalogueItem[]): Promise<void>;
  /** Undefined where the task's model sees no texts. @throws StoreError 'conflict' where there is no encoder for it */
  encodingsOf(document: TaskDocument, items: readonly CatalogueItem[]): Promise<ItemEncodings | undefined>;
  /** Null where the task fits no adapter. */
  stepThread(
    document: TaskDocument,
    items: readonly CatalogueItem[],
    encodings: ItemEncodings | undefined,
  ): Promise<StepThread | null>;
}

export function createTaskEncoder({
  encodeItems,
  adaptedEncoder,
}: Pick<CoordinatorOptions, 'encodeItems' | 'adaptedEncoder'>): TaskEncoder {
  function encoderFor(document: TaskDocument): NonNullable<typeof encodeItems> | null {
    if (!seesTexts(document)) return null;
    if (adapterOf(document) && adaptedEncoder === undefined) {
      throw new StoreError(
        'conflict',
        `Task '${document.task}' has an adapter (model.adapter) that is fitted through the text encoder, and this coordinator has none to fit (adaptedEncoder). Leave model.adapter out, or start the coordinator with one.`,
      );
    }
    if (encodeItems) return encodeItems;
    throw new StoreError(
      'conflict',
      `Task '${document.task}' has a model that sees texts, and this coordinator has no encoder. Start it with one (encodeItems), or choose model.features without text.`,
    );
  }

  async function stepThread(
    document: TaskDocument,
    items: readonly CatalogueItem[],
    encodings: ItemEncodings | undefined,
  ): Promise<StepThread | null> {
    if (!adapterOf(document) || !encodings || adaptedEncoder === undefined) return null;
    return startStepThread({ document, items, encodings, encoderFolder: adaptedEncoder });
  }

  return {
    async check(document, items) {
      const encode = encoderFor(document);
      if (!encode || !adapterOf(document)) return;
      const thread = await stepThread(document, items, await encode(items)).catch((cause) => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new StoreError('conflict', `The adapter of task '${document.task}' cannot be fitted: ${reason}`, {
          cause,
        });
      });
      await thread?.close();
    },
    encodingsOf: async (document, items) => encoderFor(document)?.(items),
    stepThread,
  };
}
