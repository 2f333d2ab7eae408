/**
 * Uploads are in memory only while they arrive, and only so many at a time: whoever comes later waits for a place. That keeps
 * the coordinator's memory O(model), whatever the cohort.
 */

export interface UploadPlaces {
  /** Waits for a free place, first come first served; null when the signal aborted first. */
  acquire(signal: AbortSignal): Promise<UploadPlace | null>;
  readonly free: number;
  readonly waiting: number;
}

export interface UploadPlace {
  /** Idempotent. */
  release(): void;
}

export function createUploadPlaces(count: number): UploadPlaces {
  let free = count;
  const queue: ((place: UploadPlace) => void)[] = [];

  const take = (): UploadPlace => {
    let held = true;
    return {
      release() {
        if (!held) return;
        held = false;
        const next = queue.shift();
        if (next) next(take());
        else free += 1;
      },
    };
  };

  return {
    acquire(signal) {
      if (signal.aborted) return Promise.resolve(null);
      if (free > 0) {
        free -= 1;
        return Promise.resolve(take());
      }
      return new Promise((resolve) => {
        const granted = (place: UploadPlace) => {
          signal.removeEventListener('abort', aborted);
          resolve(place);
        };
        const aborted = () => {
          queue.splice(queue.indexOf(granted), 1);
          resolve(null);
        };
        signal.addEventListener('abort', aborted, { once: true });
        queue.push(granted);
      });
    },
    get free() {
      return free;
    },
    get waiting() {
      return queue.length;
    },
  };
}
