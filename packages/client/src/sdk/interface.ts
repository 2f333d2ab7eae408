/** What an app holds of the SDK. */
import type { Obstacle } from '../conditions/conditions.ts';
import type { Consent } from '../conditions/consent.ts';
import type { TrackedEvent } from '../recommend/journal.ts';
import type { RecommendQuery } from '../recommend/query.ts';
import type { Recommendations } from '../recommend/recommend.ts';
import type { Retrieval } from '../recommend/retrieval.ts';
import type { DeviceSummary } from './device-summary.ts';
import type { TributaryEventName, TributaryEvents, TributaryState } from './events.ts';
import type { TributaryOutcome } from './participation.ts';
import type { PersonalData } from './personal-data.ts';

/** A device's instance of one task, made by `createTributary`. */
export interface Tributary extends Retrieval {
  readonly consent: Consent;
  readonly state: TributaryState;
  /** What stands against taking part now: network, battery, what the app asks for as `conditions`. */
  readonly obstacles: readonly Obstacle[];
  /** Number of tracked events. */
  readonly events: number;
  /** Public key of this device, in hex. */
  readonly deviceId: string;
  /** Connects as soon as there is consent; without effect when it is started already. */
  start(): void;
  /** Stops taking part, at once and over restarts, until `resume`; what was agreed to stands. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends everything and closes the storage. When it has resolved, nothing runs any more. Final. */
  stop(): Promise<void>;
  /**
   * Remembers an event on this device; it is never sent.
   * @throws TributaryError 'invalid-event'; 'unknown-item' when the catalogue is here and has no such item; 'storage-…' when it
   * could not be stored
   */
  track(event: TrackedEvent): Promise<void>;
  /**
   * The person's best items from the model on this device, offline too; a newer one that is known of is fetched meanwhile (`version`). While the very first model is on its way, waits for it.
   * @throws TributaryError 'no-model' when there is none and none is coming, 'invalid-option', 'stopped'; of picks 'unknown-item', and 'texts'
   * where the encoder fails
   */
  recommend(query?: RecommendQuery): Promise<Recommendations>;
  /** What this device keeps and did, in numbers. */
  summary(): Promise<DeviceSummary>;
  /**
   * Erases the events, the private vector and any upload that is not yet part of a sum; with `identity`, also the device's
   * identity. What was summed into a model before stays there. The model, the decision on consent, and the account of how often this
   * person took part are kept: what she spent does not come back.
   */
  forget(options?: { readonly identity?: boolean }): Promise<void>;
  /**
   * Leaves and removes everything that this device has of the task: participation ends at once, then events, private vector, model,
   * identity and keys, and the decision on consent are erased, and the instance is stopped. What was summed into a model before stays
   * there. Final: another instance is a new device, and asks anew.
   * @throws TributaryError 'storage-…' when something could not be erased; participation has ended all the same
   */
  wipe(): Promise<void>;
  /** All that this device keeps of the person, as plain JSON; without the secret key of its identity. */
  exportData(): Promise<PersonalData>;
  /** @returns a function that takes the handler off again */
  on<Name extends TributaryEventName>(name: Name, handler: (event: TributaryEvents[Name]) => void): () => void;
  /** Resolves when the task has ended, when something needs a person, or after `stop()`. Never rejects. */
  readonly finished: Promise<TributaryOutcome>;
}
