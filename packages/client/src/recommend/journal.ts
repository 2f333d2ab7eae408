/** The person's own events, on this device. */
import type { History } from '@tributary/model';
import { TributaryError } from '../errors/tributary-error.ts';
import type { Storage, StoredInteraction } from '../storage/storage.ts';
import type { Catalogue } from './catalogue.ts';

/** What an app tells the device about one action of the person. Every event counts as interest in the item. */
export interface TrackedEvent {
  /** What happened, in the app's own words: 'view', 'click', 'purchase', ... 1 to 64 characters. */
  readonly type: string;
  /** Id of the item in the task's catalogue. */
  readonly itemId: string;
  /** When, in milliseconds since 1970; now by default. A time that is still to come counts as now. */
  readonly at?: number;
  /** The id that came with the recommendation which the person followed. */
  readonly recommendationId?: string | undefined;
}

/** Latest events that a device keeps, whatever it tracks: 3 MB in AsyncStorage, which has 6. */
export const keptEvents = 10_000;
/** How many more there may be before the oldest are removed, together: removing takes a pass over all. */
const looseEvents = 1000;

export interface Journal {
  /** Number of events: all that were tracked, or at least the latest `keptEvents`. */
  readonly size: number;
  /** How many there would be if none were removed for want of room: another number with every event. */
  readonly revision: number;
  /**
   * The date of what happens now, and the latest that an event may have: the clock's, or that of the newest event where a clock was set
   * back, so that the order of the events stays that in which they were tracked.
   */
  latestDate(clock: number): number;
  add(event: StoredInteraction): Promise<void>;
  /** Items of the catalogue in the order of their time; events of items that it does not hold are left out. */
  history(catalogue: Catalogue): History;
  /** How many events name an item that the catalogue does not hold. */
  unknownEvents(catalogue: Catalogue): number;
  erase(): Promise<void>;
  /** Reads anew what another tab may have changed. */
  reload(): Promise<void>;
}

export async function openJournal(storage: Storage): Promise<Journal> {
  let events: StoredInteraction[] = [];
  let revision = 0;
  let newest = Number.NEGATIVE_INFINITY;
  /** Size at which the oldest are removed. */
  let full = 0;

  function take(listed: readonly StoredInteraction[]): void {
    events = [...listed];
    newest = events.reduce((latest, { at }) => Math.max(latest, at), Number.NEGATIVE_INFINITY);
    full = keptEvents + looseEvents;
  }

  async function removeOldest(): Promise<void> {
    full = events.length + looseEvents;
    try {
      await storage.keepLatestInteractions(keptEvents);
      events = events.slice(-keptEvents);
      full = keptEvents + looseEvents;
      // It says how many events it was fitted to, and there will be as many again.
      await storage.removeRecord('privateVector');
    } catch {
      // What was tracked is kept all the same, and the next try is not far.
    }
  }

  take(await storage.listInteractions());
  revision = events.length;
  if (events.length >= full) await removeOldest();
  return {
    get size() {
      return events.length;
    },
    get revision() {
      return revision;
    },
    latestDate: (clock) => Math.max(clock, newest),
    async add(event) {
      await storage.appendInteraction(event);
      events.push(event);
      revision += 1;
      newest = Math.max(newest, event.at);
      if (events.length >= full) await removeOldest();
    },
    history(catalogue) {
      const known: { at: number; index: number }[] = [];
      for (const { itemId, at } of events) {
        const index = catalogue.indexOf(itemId);
        if (index !== undefined) known.push({ at, index });
      }
      known.sort((a, b) => a.at - b.at);
      return { items: Uint32Array.from(known, ({ index }) => index) };
    },
    unknownEvents: (catalogue) => events.filter(({ itemId }) => catalogue.indexOf(itemId) === undefined).length,
    async erase() {
      await storage.eraseInteractions();
      take([]);
      revision = 0;
    },
    async reload() {
      take(await storage.listInteractions());
      revision = events.length;
    },
  };
}

/**
 * Checks what an app tracks. Messages name the field, never its value.
 * @param now the latest date that an event may have
 * @throws TributaryError 'invalid-event'
 */
export function checkEvent(event: unknown, now: number): StoredInteraction {
  const wrong = (what: string) => new TributaryError('invalid-event', `track() got an event whose ${what}.`);
  if (typeof event !== 'object' || event === null) {
    throw new TributaryError('invalid-event', "track() expects an event such as { type: 'view', itemId: 'sku-42' }.");
  }
  const { type, itemId, at, recommendationId } = event as Record<string, unknown>;
  if (!isText(type, 64)) throw wrong('type is not a text of 1 to 64 characters');
  if (!isText(itemId, 512)) throw wrong('itemId is not a text of 1 to 512 characters');
  if (at !== undefined && !(typeof at === 'number' && Number.isFinite(at))) {
    throw wrong('at is not a number of milliseconds since 1970, e.g. Date.now()');
  }
  if (recommendationId !== undefined && !isText(recommendationId, 64)) {
    throw wrong('recommendationId is not the one that recommend() gave');
  }
  return {
    type,
    itemId,
    at: Math.min(at ?? now, now),
    ...(recommendationId === undefined ? {} : { recommendationId }),
  };
}

function isText(value: unknown, maximum: number): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= maximum;
}
