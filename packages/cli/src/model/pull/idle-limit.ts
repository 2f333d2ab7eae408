/** Ends what waits for a server that has gone silent. */
import { CommandError } from '../../exit/command-error.ts';

/** Milliseconds without an answer or a part of one. */
export const defaultIdle = 60_000;

export interface IdleLimit {
  /** Aborts as the signal given does, or with a CommandError `network` when a wait was too long. */
  readonly signal: AbortSignal;
  /** One wait, for an answer or for the next part of one; what is done with it takes its own time. */
  during<T>(wait: () => Promise<T>): Promise<T>;
}

export function idleLimit(signal: AbortSignal, milliseconds = defaultIdle): IdleLimit {
  const idle = new AbortController();
  return {
    signal: AbortSignal.any([signal, idle.signal]),
    during: async (wait) => {
      const timer = setTimeout(() => idle.abort(silent(milliseconds)), milliseconds);
      try {
        return await wait();
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function silent(milliseconds: number): CommandError {
  return new CommandError('network', `The server has sent nothing for ${milliseconds / 1000} s.`, {
    advice: 'Check the network, then run it again; nothing was kept.',
  });
}
