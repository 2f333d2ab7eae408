/** What an instance did since it was first watched, added up from its events. */
import type { Obstacle } from '../conditions/conditions.ts';
import type { ConsentStatus } from '../conditions/consent.ts';
import type { TributaryError } from '../errors/tributary-error.ts';
import type { RoundPhase, TributaryEvents, TributaryState } from '../sdk/events.ts';
import type { Tributary } from '../sdk/tributary.ts';

export interface ActivitySummary {
  readonly state: TributaryState;
  readonly consent: ConsentStatus;
  /** What stands against taking part now. */
  readonly obstacles: readonly Obstacle[];
  /** The round that was heard of last, and how far it got. */
  readonly lastRound: TributaryEvents['round'] | null;
  /** Of the last invitation: whether the coordinator sees a sum, or each contribution. */
  readonly plan: TributaryEvents['round']['plan'] | null;
  /** Rounds whose sum holds a contribution of this device. */
  readonly roundsTakenPartIn: number;
  /** The model version that arrived last; null where the one in use was on the device already. */
  readonly version: TributaryEvents['version'] | null;
  readonly versionsReceived: number;
  /** Of updates. */
  readonly bytesSent: number;
  /** Of models and catalogues. */
  readonly bytesReceived: number;
  /**
   * Charge that the battery lost in phases in which this device worked on a round, in [0, 1], whatever else used it meanwhile: an upper
   * bound, in steps as coarse as the runtime tells (in browsers often 0.01). Null where none of them was on battery, or none can tell.
   */
  readonly batteryUsed: number | null;
  /** How many events the device keeps. */
  readonly events: number;
  readonly error: TributaryError | null;
}

export interface Activity {
  summary(): ActivitySummary;
  /** @returns a function that takes the handler off again */
  subscribe(onChange: () => void): () => void;
}

export const noActivity: ActivitySummary = {
  state: 'idle',
  consent: 'pending',
  obstacles: [],
  lastRound: null,
  plan: null,
  roundsTakenPartIn: 0,
  version: null,
  versionsReceived: 0,
  bytesSent: 0,
  bytesReceived: 0,
  batteryUsed: null,
  events: 0,
  error: null,
};

const activities = new WeakMap<Tributary, Activity>();

/** Watched from the first call on, once for all components, for as long as the instance lives. */
export function activityOf(client: Tributary): Activity {
  const known = activities.get(client);
  if (known !== undefined) return known;
  const made = watch(client);
  activities.set(client, made);
  return made;
}

function watch(client: Tributary): Activity {
  let summary: ActivitySummary = {
    ...noActivity,
    state: client.state,
    consent: client.consent.status,
    obstacles: client.obstacles,
    events: client.events,
  };
  const subscribers = new Set<() => void>();
  function change(fields: Partial<ActivitySummary>): void {
    summary = { ...summary, ...fields };
    for (const onChange of [...subscribers]) onChange();
  }

  const transferred = new Map<string, number>();
  client.on('state', ({ state }) => change({ state }));
  client.on('consent', ({ status }) => change({ consent: status }));
  client.on('conditions', ({ obstacles }) => change({ obstacles }));
  client.on('history', ({ events }) => change({ events }));
  client.on('version', (version) => change({ version, versionsReceived: summary.versionsReceived + 1 }));
  client.on('error', (error) => change({ error }));
  client.on('round', (round) => {
    const taken = round.phase === 'uploaded' && !isSameUpload(summary.lastRound, round);
    change({
      lastRound: round,
      plan: round.plan ?? summary.plan,
      roundsTakenPartIn: summary.roundsTakenPartIn + (taken ? 1 : 0),
      batteryUsed: batteryUsed(summary, round),
    });
  });
  client.on('progress', ({ direction, kind, transferred: now, total }) => {
    const name = `${direction} ${kind}`;
    const before = transferred.get(name) ?? 0;
    // A lower count is that of another transfer.
    const bytes = now >= before ? now - before : now;
    transferred.set(name, now === total ? 0 : now);
    if (direction === 'up') change({ bytesSent: summary.bytesSent + bytes });
    else change({ bytesReceived: summary.bytesReceived + bytes });
  });

  return {
    summary: () => summary,
    subscribe(onChange) {
      const mine = () => onChange();
      subscribers.add(mine);
      return () => void subscribers.delete(mine);
    },
  };
}

/** In the others it waits, or is done. */
const working: ReadonlySet<RoundPhase> = new Set([
  'downloading',
  'keying',
  'sharing',
  'training',
  'masking',
  'uploading',
  'unmasking',
]);

function batteryUsed(
  { lastRound, batteryUsed: before }: ActivitySummary,
  now: TributaryEvents['round'],
): number | null {
  if (lastRound?.round !== now.round || !working.has(lastRound.phase)) return before;
  if (lastRound.charge === undefined || now.charge === undefined) return before;
  // More than before: it was on a charger in between.
  return (before ?? 0) + Math.max(0, lastRound.charge - now.charge);
}

function isSameUpload(before: TributaryEvents['round'] | null, now: TributaryEvents['round']): boolean {
  return before?.round === now.round && before.phase === now.phase;
}
