/** How the contributions of one round come together: what differs from plan to plan, seen from the task. */
import type { RoundDescriptor } from '@tributary/protocol';
import type { EngineName } from '../aggregation/engines/engine.ts';
import type { IntegerNoise, RoundEvent } from '../round/index.ts';
import type { Invitation } from './invitation.ts';
import type { SecureRoundShell } from './secure/secure-round-shell.ts';
import type { Device } from './task.ts';
import type { RoundUploads } from './uploads.ts';

/** The task around a round, as its aggregation needs it. */
export interface AggregationPort {
  dispatch(event: RoundEvent): void;
  /** Null when it is not connected. */
  deviceOf(id: string): Device | null;
  /** Whether the round is still open. */
  open(): boolean;
  /** Something went wrong that is no device's fault; for the log. */
  failed(error: unknown): void;
}

export interface RoundAggregation {
  readonly uploads: RoundUploads;
  /** The steps of secure aggregation; null where contributions are sealed. */
  readonly secure: SecureRoundShell | null;
  /**
   * The sum [contribution | evaluation | weight]; of masked contributions it is opened now, which must be charged for before.
   * @param noise that the coordinator adds to the integers of masked contributions
   * @throws OpeningError when it cannot be opened
   */
  openSum(noise: IntegerNoise | null): Promise<Float32Array>;
  /** Largest coordinate of the opened sum over what its integers hold, in [0, 1]; null where there are no integers. */
  readonly fill: number | null;
  /** What added up, and took the masks off; of the round as far as it is. */
  readonly engine: EngineName;
  /** Refuses what comes from here on; the sum is zeroed and keys are forgotten. */
  dispose(): void;
}

/** What the descriptor of the next round says of its aggregation, and what starts it once it is signed. */
export interface PreparedAggregation extends Pick<RoundDescriptor, 'sealingKey' | 'secure'> {
  start(invitation: Invitation, devices: readonly string[], port: AggregationPort): RoundAggregation;
}

/** Of one task; memory of the size of its model is kept from round to round. */
export interface Aggregations {
  /** @param clipNorm of the round */
  prepare(clipNorm: number | null): PreparedAggregation;
  /** Bytes of an upload. */
  readonly uploadBytes: number;
  /** Gives the kept memory back; no round is prepared afterwards. */
  close(): Promise<void>;
}
