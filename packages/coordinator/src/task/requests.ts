/** What a connected device may ask of a task, one handler for each request of the protocol. */
import { type DeviceMessages, hexToBytes } from '@tributary/privacy';
import { type Answer, type Content, type ModelVersion, RefusalError, type RequestName } from '@tributary/protocol';
import type { PopulationLog } from '../identities/population-log.ts';
import type { RoundEvent } from '../round/index.ts';
import type { TaskStatus } from '../store/store.ts';
import type { ActiveRound } from './active-round.ts';
import type { Downloads } from './downloads.ts';
import { aggregationOf, collectingOf, roundOf } from './refuse-late-requests.ts';
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
  /** Length of an upload. */
  readonly uploadBytes: number;
  /** Where identities are registered before they take part; null where they are not. */
  readonly identityLog: PopulationLog | null;
  /** Who waits for rounds; kept by `join` and `leave`. */
  readonly available: Set<string>;
  readonly downloads: Downloads;
  readonly events: Pick<TaskEvents, 'contribution'>;
  dispatch(event: RoundEvent): void;
  isConnected(device: Device): boolean;
  /** Somebody is there: a round may be due. */
  joined(): void;
  /** A device that takes part in nothing of the kind any more, as far as it says. */
  refusedByPolicy(device: string): void;
  /** Shows a device of the open round what it may have missed. */
  showAgain(device: Device): void;
  now(): TaskNow;
}): RequestHandlers {
  const { minimum, uploadBytes, identityLog, available, downloads, events, dispatch, joined, refusedByPolicy, now } =
    options;
  const collecting = (device: Device, round: number) => collectingOf(now().active, now().lastRound, device.id, round);

  /** A message of secure aggregation. */
  const secureMessage =
    <N extends keyof DeviceMessages>(name: N) =>
    (device: Device, { round, ...message }: { readonly round: number } & DeviceMessages[N]) => {
      const { secure } = aggregationOf(now().active, now().lastRound, device.id, round);
      if (!secure) throw new RefusalError('out-of-phase', `Round ${round} is sealed; it has no '${name}'.`);
      secure.receive(device.id, name, message as never);
      return {};
    };

  return {
    async join(device) {
      refuseUnlessRunning(now().status);
      // Whoever is invited stands in the log that the invitation names.
      if (identityLog) {
        await identityLog.register(hexToBytes(device.id));
        refuseUnlessRunning(now().status);
        if (!options.isConnected(device)) throw new RefusalError('not-authenticated', 'The connection was lost.');
      }
      // Before it is available: the round that it may be invited to now, it has not missed.
      options.showAgain(device);
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
    decline(device, { round, reason }) {
      const { active, lastRound } = now();
      const { state, aggregation, contributors } = roundOf(active, lastRound, device.id, round);
      if (state.phase === 'collecting' && contributors.has(device.id)) {
        throw new RefusalError('out-of-phase', 'The contribution is part of the sum already; it cannot be declined.');
      }
      aggregation?.uploads.abandonWaiting(device.id);
      aggregation?.secure?.leave(device.id);
      dispatch({ kind: 'device-declined', device: device.id });
      if (reason === 'policy') refusedByPolicy(device.id);
      return {};
    },
    logConsistency(_device, { from, to }) {
      if (!identityLog) throw new RefusalError('out-of-phase', 'This task keeps no identity log.');
      const { size } = identityLog.head();
      if (from > to || to > size) {
        throw new RefusalError(
          'malformed',
          `The log has grown to ${size} identities; sizes are asked for with from <= to <= ${size}.`,
        );
      }
      return { proof: identityLog.consistency(from, to) };
    },
    keys: secureMessage('keys'),
    neighbours: secureMessage('neighbours'),
    shares: secureMessage('shares'),
    acknowledge: secureMessage('acknowledge'),
    reveal: secureMessage('reveal'),
    uploadOpen: (device, content) => collecting(device, content.round).uploads.open(device.id, content),
    uploadChunk: (device, content) => collecting(device, content.round).uploads.chunk(device.id, content),
    uploadClose(device, { round }) {
      collecting(device, round).uploads.close(device.id);
      now().active?.contributors.add(device.id);
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
