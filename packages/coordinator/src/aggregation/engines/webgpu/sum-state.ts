import { EngineError } from '../engine-error.ts';
import type { Gpu } from './gpu.ts';

/** Whether a sum is open, finished or closed. */
export interface SumState {
  /** @throws EngineError 'closed', 'lost', and 'finished' unless that is allowed */
  check(finishedToo?: 'finished-too'): void;
  /** As of now it is @param state */
  become(state: 'open' | 'finished' | 'closed'): void;
  readonly closed: boolean;
}

export function createSumState(gpu: Gpu): SumState {
  let state: 'open' | 'finished' | 'closed' = 'open';
  return {
    check(finishedToo) {
      if (state === 'closed') throw new EngineError('closed', 'The sum is closed.');
      gpu.check();
      if (state === 'finished' && !finishedToo) {
        throw new EngineError('finished', 'The sum is finished; reset it before another is added up.');
      }
    },
    become(next) {
      state = next;
    },
    get closed() {
      return state === 'closed';
    },
  };
}
