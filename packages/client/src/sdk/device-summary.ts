/** What a person can be shown of what her device keeps, in numbers. */
import { composeEpsilon } from '@tributary/privacy';
import { readParticipation } from '../session/upload-store.ts';
import type { Storage } from '../storage/storage.ts';
import type { TributaryEvents } from './events.ts';

/** What this device keeps and did, in numbers. */
export interface DeviceSummary {
  /** Tracked events that this device keeps. */
  readonly events: number;
  /** The model version in use. */
  readonly version: TributaryEvents['version'] | null;
  /** Rounds whose sum holds a contribution of this device, since it first took part. */
  readonly rounds: number;
  /**
   * What its contributions spent of this person's privacy, by the noise of the devices in their sums; null where devices add
   * none, and a device cannot know what the coordinator adds.
   */
  readonly spent: { readonly epsilon: number; readonly delta: number } | null;
}

/** @throws StorageError */
export async function summariseDevice(of: {
  readonly storage: Storage;
  readonly events: number;
  readonly version: TributaryEvents['version'] | null;
}): Promise<DeviceSummary> {
  const { contributions, spent, terms } = await readParticipation(of.storage);
  const ofDevices = terms?.placement === 'distributed' || terms?.placement === 'local';
  return {
    events: of.events,
    version: of.version,
    rounds: contributions,
    spent: ofDevices ? { epsilon: composeEpsilon(spent, terms.delta), delta: terms.delta } : null,
  };
}
