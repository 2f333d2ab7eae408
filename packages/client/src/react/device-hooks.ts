/** Hooks about this device: its instance, events, consent and training. */
import { useCallback, useSyncExternalStore } from 'react';
import type { ConsentStatus } from '../conditions/consent.ts';
import type { TrackedEvent } from '../recommend/journal.ts';
import type { DeviceSummary } from '../sdk/device-summary.ts';
import type { RoundPhase, TributaryEventName } from '../sdk/events.ts';
import type { Tributary } from '../sdk/tributary.ts';
import { type ActivitySummary, activityOf, noActivity } from './activity.ts';
import { useProvided } from './context.ts';
import type { Instance } from './instance-holder.ts';
import { type QueryResult, useQuery } from './use-query.ts';

/** The instance, for what no hook does: 'loading' on a server and while it is being made. */
export function useTributary(): Instance<Tributary> {
  return useProvided('useTributary()').instance;
}

/**
 * A function, the same in every render, that remembers an event on this device; called early, it waits for the instance.
 * It rejects as `Tributary.track` does.
 */
export function useTrack(): (event: TrackedEvent) => Promise<void> {
  const { ready } = useProvided('useTrack()');
  return useCallback(async (event) => (await ready()).track(event), [ready]);
}

export interface ConsentResult {
  /** 'pending' also while the instance is being made. */
  readonly status: ConsentStatus;
  /** Version of the text that the decision is about; undefined while the instance is being made. */
  readonly version: string | undefined;
  /** Called early, both wait for the instance; they reject as those of `Tributary.consent` do. */
  readonly grant: () => Promise<void>;
  readonly revoke: () => Promise<void>;
}

/** The person's decision, the same in every component. */
export function useConsent(): ConsentResult {
  const { instance, ready } = useProvided('useConsent()');
  const status = useActivity(instance, consentOf);
  const grant = useCallback(async () => (await ready()).consent.grant(), [ready]);
  const revoke = useCallback(async () => (await ready()).consent.revoke(), [ready]);
  return { status, version: instance.client?.consent.version, grant, revoke };
}

export interface TrainingResult extends Omit<ActivitySummary, 'consent'> {
  /** Of the last round; null before there was one. */
  readonly phase: RoundPhase | null;
  /** Called early, both wait for the instance; a pause holds over restarts, and what was agreed to stands. */
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
}

/** What training does and did since the instance was made. */
export function useTraining(): TrainingResult {
  const { instance, ready } = useProvided('useTraining()');
  const summary = useActivity(instance, allOf);
  const pause = useCallback(async () => (await ready()).pause(), [ready]);
  const resume = useCallback(async () => (await ready()).resume(), [ready]);
  return { ...summary, phase: summary.lastRound?.phase ?? null, pause, resume };
}

export interface DeviceSummaryResult extends Pick<QueryResult<DeviceSummary>, 'status' | 'error' | 'refresh'> {
  readonly summary: DeviceSummary | undefined;
}

/** What this device keeps and did, in numbers. */
export function useDeviceSummary(): DeviceSummaryResult {
  const { value, ...asked } = useQuery('useDeviceSummary()', summaryOf, 'kept', whenNumbersMove);
  return { ...asked, summary: value };
}

const summaryOf = (client: Tributary) => client.summary();
const whenNumbersMove: readonly TributaryEventName[] = ['history', 'version', 'round'];
const consentOf = ({ consent }: ActivitySummary) => consent;
const allOf = (summary: ActivitySummary) => summary;

/** @param part gives the same for the same summary */
function useActivity<Part>({ client }: Instance<Tributary>, part: (summary: ActivitySummary) => Part): Part {
  const subscribe = useCallback(
    (onChange: () => void) => (client === null ? () => {} : activityOf(client).subscribe(onChange)),
    [client],
  );
  const read = () => part(client === null ? noActivity : activityOf(client).summary());
  return useSyncExternalStore(subscribe, read, () => part(noActivity));
}
