/** What a connected device may ask of a task, one handler for each request of the protocol. */
import { type Answer, type Content, type ModelVersion, RefusalError, type RequestName } from '@tributary/protocol';
import type { RoundEvent } from '../round/index.ts';
import type { TaskStatus } from '../store/store.ts';
import type { ActiveRound } from './active-round.ts';
import { roundOf, uploadsOf } from './admission.ts';
import type { Downloads } from './downloads.ts';
import type { Device, TaskEvents } from './task.ts';

/** The task as it is at the moment of a request. */
export interface TaskNow {
  readonly status: TaskStatus | 'closing';
  readonly active: ActiveRound | null;
  /** Highest round number opened so far. */
  readonly lastRound: number;
  readonly version: ModelVersion;
  readonly parameters: Float32Array;
}

/** Each throws RefusalError. */
export type RequestHandlers = {
  readonly [N in RequestName]?: (device: Device, content: Content<N>) => Promise<Answer<N>> | Answer<N>;
};

export function createRequestHandlers(options: {
  /** The minimum cohort. */
  readonly minimum: number;
  /** Length of a sealed upload. */
  readonly uploadBytes: number;
  /** Who waits for rounds; kept by `join` and `leave`. */
  readonly available: Set<string>;
  readonly downloads: Downloads;
  readonly events: Pick<TaskEvents, 'contribution'>;
  dispatch(event: RoundEvent): void;
  /** Somebody is there: a round may be due. */
  joined(): void;
  now(): TaskNow;
}): RequestHandlers {
  const { minimum, uploadBytes, available, downloads, events, dispatch, joined, now } = options;
  const uploadsFor = (device: Device, round: number) => uploadsOf(now().active, now().lastRound, device.id, round);
  return {
    join(device) {
      refuseUnlessRunning(now().status);
      available.add(device.id);
      dispatch({ kind: 'device-available', device: device.id });
      joined();
      // How few are there is nobody's business: a count below the minimum cohort reads as none.
      return { waiting: available.size < minimum ? 0 : available.size };
    },
    leave(device) {
      available.delete(device.id);
      dispatch({ kind: 'device-unavailable', device: device.id });
      return {};
    },
    fetch: (_device, content) => downloads.fetch(content, now()),
    decline(device, { round }) {
      const { active, lastRound } = now();
      const { state, uploads } = roundOf(active, lastRound, device.id, round);
      if (state.devices.get(device.id) === 'uploaded') {
        throw new RefusalError('out-of-phase', 'The contribution is part of the sum already; it cannot be declined.');
      }
      uploads?.abandonWaiting(device.id);
      dispatch({ kind: 'device-declined', device: device.id });
      return {};
    },
    uploadOpen: (device, content) => uploadsFor(device, content.round).open(device.id, content),
    uploadChunk: (device, content) => uploadsFor(device, content.round).chunk(device.id, content),
    uploadClose(device, { round }) {
      const { active, lastRound } = now();
      const { uploads, accumulator } = roundOf(active, lastRound, device.id, round);
      if (!uploads || !accumulator) throw new RefusalError('out-of-phase', 'The round takes no uploads now.');
      uploadsFor(device, round).close(device.id, ({ vector }) => accumulator.add(vector, 1));
      events.contribution(uploadBytes);
      dispatch({ kind: 'contribution-added', device: device.id });
      return {};
    },
  };
}

/** @throws RefusalError 'busy' while the task may still go on, 'out-of-phase' when it has ended */
function refuseUnlessRunning(status: TaskNow['status']): void {
  if (status === 'running') return;
  if (status === 'closing')
    throw new RefusalError('shutting-down', 'The coordinator is shutting down; come again.', 1000);
  if (status === 'paused') throw new RefusalError('busy', 'The task is paused; ask again later.', 15_000);
  throw new RefusalError('out-of-phase', 'The task has ended; it takes no more devices.');
}
