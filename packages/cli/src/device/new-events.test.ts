import { keptEvents } from '@tributary/client/node';
import { describe, expect, it } from 'vitest';
import type { DeviceEvent } from './events-file.ts';
import { newEvents } from './new-events.ts';

/** What a device keeps of them that tracks them at an instant. */
const tracked = (events: readonly DeviceEvent[], now: number) =>
  events.slice(-keptEvents).map(({ itemId, at }) => ({ itemId, at: Math.min(at ?? now, now) }));

describe('a file of events', () => {
  const event = (n: number, at: number | null = n): DeviceEvent => ({ itemId: `item-${n}`, at });

  it('is new to a device once, with dates or without, also with dates that are still to come', () => {
    const events = [event(1), event(2, null), event(3, 9000)];
    expect(newEvents(events, [], 100)).toEqual(events);
    expect(newEvents(events, tracked(events, 100), 200)).toEqual([]);
  });

  it('has new events where they were added, an item again among them', () => {
    const events = [event(1), event(2)];
    expect(newEvents([...events, event(1, 50), event(3)], tracked(events, 100), 200)).toEqual([event(1, 50), event(3)]);
  });

  it('longer than what a device keeps is new once all the same', () => {
    const events = Array.from({ length: 3 * keptEvents }, (_, n) => event(n));
    const first = newEvents(events, [], 1e9);
    expect(first).toEqual(events.slice(-keptEvents));
    expect(newEvents(events, tracked(first, 1e9), 1e9)).toEqual([]);
  });
});
