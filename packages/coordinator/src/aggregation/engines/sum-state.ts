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
  /** Raised by every reset and by the close: what was under way then is of a sum that nobody wants. */
  readonly generation: number;
  /** @throws EngineError 'closed' where a reset or the close has come since */
  assertSame(generation: number): void;
}

export function createSumState(): SumState {
  let state: 'open' | 'finished' | 'closed' = 'open';
  let generation = 0;
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
      generation += 1;
    },
    close() {
      state = 'closed';
      generation += 1;
    },
    get closed() {
      return state === 'closed';
    },
    get generation() {
      return generation;
    },
    assertSame(before) {
      if (before === generation) return;
      throw new EngineError('closed', 'The sum was reset or closed before what was asked of it was done.');
    },
  };
}
