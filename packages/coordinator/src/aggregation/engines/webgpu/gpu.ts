/** A device that may go away at any time: everything that waits for it is told, and nothing is asked of it afterwards. */
import { EngineError } from '../engine-error.ts';
import type { OpenDevice } from './open-device.ts';

/** GPUBufferUsage and GPUMapMode, which are no globals in Node. */
export const bufferUsage = { mapRead: 1, copySource: 4, copyDestination: 8, uniform: 64, storage: 128 } as const;
export const mapRead = 1;

export interface Gpu extends OpenDevice {
  /** @throws EngineError 'closed' or 'lost' */
  check(): void;
  readonly isOpen: boolean;
  /** Settles as the promise does, or @throws EngineError 'closed' or 'lost' as soon as the device is gone. */
  orLost<T>(promise: Promise<T>): Promise<T>;
  /**
   * What `make` makes at once, when the device has said that it has it.
   * @throws EngineError 'out-of-memory', 'beyond-limits', 'lost' or 'closed'
   */
  checked<T>(make: () => T): Promise<T>;
  /** May be called again. */
  close(): void;
}

export function watchDevice(open: OpenDevice): Gpu {
  const { device } = open;
  let failure: EngineError | null = null;
  const waiting = new Set<(error: EngineError) => void>();

  function fail(error: EngineError): EngineError {
    failure ??= error;
    for (const reject of waiting) reject(failure);
    waiting.clear();
    return failure;
  }
  const lost = (why: string, cause?: unknown) =>
    fail(new EngineError('lost', `The GPU is lost, and the sums that were on it: ${why}`, { cause }));
  void device.lost.then(({ reason, message }) => lost(message || reason));
  // Nothing here is expected to fail unchecked: where it does, the sums cannot be trusted.
  device.addEventListener('uncapturederror', (event) => {
    lost(event.error.message);
    // With it goes what is in its memory, seeds among it. Not here: Dawn waits for this very call before it destroys.
    setImmediate(() => device.destroy());
  });

  const check = () => {
    if (failure) throw failure;
  };
  /** Not a race with `device.lost`: that would keep every promise until the device goes. */
  function orLost<T>(promise: Promise<T>): Promise<T> {
    if (failure) {
      // It may fail as well, and nobody waits for it.
      promise.catch(() => {});
      return Promise.reject(failure);
    }
    return new Promise((resolve, reject) => {
      waiting.add(reject);
      promise.then(
        (value) => {
          waiting.delete(reject);
          resolve(value);
        },
        (error: unknown) => {
          waiting.delete(reject);
          reject(failure ?? error);
        },
      );
    });
  }
  return {
    ...open,
    check,
    get isOpen() {
      return failure === null;
    },
    orLost,
    async checked(make) {
      check();
      device.pushErrorScope('validation');
      device.pushErrorScope('out-of-memory');
      let made: ReturnType<typeof make> | null = null;
      let thrown: unknown = null;
      try {
        made = make();
      } catch (error) {
        thrown = error;
      }
      // Scopes are popped before anything else can push one.
      const [memory, validation] = [device.popErrorScope(), device.popErrorScope()];
      const [outOfMemory, beyondLimits] = await orLost(Promise.all([memory, validation]));
      check();
      if (outOfMemory) throw new EngineError('out-of-memory', `The GPU has no memory left: ${outOfMemory.message}`);
      if (beyondLimits) throw new EngineError('beyond-limits', `The GPU refuses this sum: ${beyondLimits.message}`);
      if (thrown) throw new EngineError('beyond-limits', `The GPU refuses this sum: ${thrown}`, { cause: thrown });
      return made as ReturnType<typeof make>;
    },
    close() {
      if (failure?.code === 'closed') return;
      failure = null;
      fail(new EngineError('closed', 'The engine is closed.'));
      device.destroy();
    },
  };
}
