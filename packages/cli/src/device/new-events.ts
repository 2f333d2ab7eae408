/** Which events of a file a device does not have yet. */
import { keptEvents, type StoredInteraction } from '@tributary/client/node';
import type { DeviceEvent } from './events-file.ts';

/**
 * Events that a device has not tracked yet, so that a second run with the same file tracks nothing twice.
 * @param known what the device keeps of the type that events of a file are tracked under: the latest `keptEvents`, and so no more of
 * the file are looked at
 * @param now milliseconds since 1970: a device dates what is later when it was tracked
 */
export function newEvents(
  events: readonly DeviceEvent[],
  known: Iterable<Pick<StoredInteraction, 'itemId' | 'at'>>,
  now: number,
): readonly DeviceEvent[] {
  const keys = new Set<string>();
  for (const { itemId, at } of known) keys.add(keyOf({ itemId, at })).add(keyOf({ itemId, at: null }));
  return events
    .slice(-keptEvents)
    .filter(({ itemId, at }) => !keys.has(keyOf({ itemId, at: at !== null && at > now ? null : at })));
}

function keyOf({ itemId, at }: DeviceEvent): string {
  return JSON.stringify([itemId, at]);
}
