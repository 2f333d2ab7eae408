/** Open, finished, closed: the states that every sum goes through. */
import { EngineError } from './engine-error.ts';

export interface SumState {
  /** @throws EngineError 'finished' or 'closed' */
  assertOpen(): void;
  /** Throws as `assertOpen` does. */
  finish(): void;
  /** @throws EngineError 'closed' */
  reset(): void;
  close(): void;
  readonly closed: boolean;
}

export function createSumState(): SumState {
  let state: 'open' | 'finished' | 'closed' = 'open';
  const assertNotClosed = () => {
    if (state === 'closed') throw new EngineError('closed', 'The sum was closed; open another.');
  };
  const assertOpen = () => {
    assertNotClosed();
    if (state === 'finished') throw new EngineError('finished', 'The sum was finished; reset it before adding again.');
  };
  return {
    assertOpen,
    finish() {
      assertOpen();
      state = 'finished';
    },
    reset() {
      assertNotClosed();
      state = 'open';
    },
    close() {
      state = 'closed';
    },
    get closed() {
      return state === 'closed';
    },
  };
}
