/** The person's own part of the model: fitted on this device when it is asked for, and kept until events or model change. */
import { type History, type PrivateState, seededRandom } from '@tributary/model';
import type { SecureRandom } from '@tributary/privacy';
import { StorageError } from '../errors/tributary-error.ts';
import type { Storage } from '../storage/storage.ts';
import { trainingSeed } from '../training/training-seed.ts';
import type { PreparedModel } from './model-cache.ts';

export interface PrivateStates {
  /** @param events the journal's revision that the history was made of */
  fit(model: PreparedModel, history: History, events: number): Promise<PrivateState>;
  /** Lets go of what is in memory. */
  forget(): void;
}

export function createPrivateStates({
  storage,
  random,
}: {
  readonly storage: Storage;
  readonly random: SecureRandom;
}): PrivateStates {
  let fitted: { readonly model: PreparedModel; readonly events: number; readonly state: PrivateState } | null = null;
  /** Raised when all is forgotten: what was being fitted then is of events that are gone. */
  let generation = 0;
  return {
    async fit(model, history, events) {
      const mine = generation;
      if (fitted?.model === model && fitted.events === events) return fitted.state;
      const record = await storage.readRecord('privateVector').catch(asMissing);
      if (
        record !== null &&
        model.ownText === undefined &&
        record.version === model.version.hash &&
        record.interactions === events &&
        mine === generation
      ) {
        fitted = { model, events, state: { vector: Float32Array.from(record.vector) } };
        return fitted.state;
      }
      const state = model.bound.fitPrivateState(history, seededRandom(trainingSeed(random)));
      if (mine !== generation) return state;
      fitted = { model, events, state };
      // What was made of the person's own text is not stored.
      if (model.ownText !== undefined) return state;
      await storage
        .writeRecord('privateVector', {
          version: model.version.hash,
          interactions: events,
          vector: Array.from(state.vector),
        })
        .catch(asMissing);
      return state;
    },
    forget() {
      generation += 1;
      fitted = null;
    },
  };
}

/** What is stored saves fitting again, no more: a storage that is full, damaged or gone is no reason to recommend nothing. */
function asMissing(error: unknown): null {
  if (error instanceof StorageError) return null;
  throw error;
}
