/** What the demo and a process that holds its devices say to each other. */
import type { AggregationPlan } from '@tributary/protocol';

export interface FleetDevice {
  /** Number of the device in the demo. */
  readonly device: number;
  /** Ids of the items in the person's history, oldest first. Held-out items are not among them. */
  readonly itemIds: readonly string[];
}

export type FleetCommand =
  | {
      readonly kind: 'start';
      readonly url: string;
      readonly task: string;
      /** The coordinator's public key, hex: the devices refuse any other. */
      readonly coordinatorKey: string;
      /** The aggregation plan that the devices agree to. */
      readonly plan: AggregationPlan;
      readonly devices: readonly FleetDevice[];
    }
  | { readonly kind: 'recommend'; readonly device: number; readonly count: number }
  | { readonly kind: 'stop' };

export interface RecommendedItem {
  readonly id: string;
  readonly score: number;
}

/** Bytes of payload that the devices of a process moved, as their SDK reports them. */
export interface FleetTraffic {
  /** Uploads. */
  readonly up: number;
  /** Model versions. */
  readonly modelsDown: number;
  /** Catalogues, fetched once by each device. */
  readonly cataloguesDown: number;
  /** Contributions that became part of a sum. */
  readonly contributions: number;
}

export type FleetReport =
  /** So many devices of the process are connected and joined. */
  | { readonly kind: 'joined'; readonly devices: number }
  /** All devices of the process have heard that the task ended. */
  | { readonly kind: 'ended'; readonly traffic: FleetTraffic }
  | { readonly kind: 'recommended'; readonly device: number; readonly items: readonly RecommendedItem[] }
  /** A device met an error that it does not recover from by itself. */
  | { readonly kind: 'failed'; readonly device: number; readonly message: string };
