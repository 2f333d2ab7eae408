import { describe, expect, it } from 'vitest';
import { createEmitter, type RoundPhase } from '../sdk/events.ts';
import { createTributary, type Tributary } from '../sdk/tributary.ts';
import { activityOf } from './activity.ts';

/** A real instance whose events are emitted by the test. */
async function watched() {
  const tributary = await createTributary({ url: 'http://127.0.0.1:9', task: 'films', autoStart: false });
  const { emit, on } = createEmitter(() => {});
  const client: Tributary = Object.create(tributary, { on: { value: on } });
  return { activity: activityOf(client), client, emit };
}

describe('activity', () => {
  it('is one for an instance', async () => {
    const { activity, client } = await watched();
    expect(activityOf(client)).toBe(activity);
  });

  it('adds up what was transferred, over several transfers of a kind', async () => {
    const { activity, emit } = await watched();
    const progress = (direction: 'up' | 'down', kind: 'model' | 'catalogue' | 'update', transferred: number) =>
      emit('progress', { direction, kind, transferred, total: 100 });
    for (const bytes of [0, 40, 100]) progress('down', 'model', bytes);
    for (const bytes of [100]) progress('down', 'catalogue', bytes);
    for (const bytes of [60, 100]) progress('up', 'update', bytes);
    for (const bytes of [100]) progress('up', 'update', bytes);
    for (const bytes of [40, 30, 100]) progress('down', 'model', bytes);
    expect(activity.summary()).toMatchObject({ bytesSent: 200, bytesReceived: 100 + 100 + 40 + 100 });
  });

  it('counts a round once, when what this device sent is part of the sum', async () => {
    const { activity, emit } = await watched();
    for (const phase of ['invited', 'training', 'uploaded', 'uploaded', 'closed'] as const)
      emit('round', { round: 1, phase });
    for (const phase of ['invited', 'missed'] as const) emit('round', { round: 2, phase });
    emit('round', { round: 3, phase: 'uploaded' });
    expect(activity.summary()).toMatchObject({ roundsTakenPartIn: 2, lastRound: { round: 3, phase: 'uploaded' } });
  });

  it('adds up the charge that was lost while the device worked on rounds, where it is known', async () => {
    const { activity, emit } = await watched();
    const used = () => activity.summary().batteryUsed;
    const round = (of: number, phase: RoundPhase, charge?: number) =>
      emit('round', { round: of, phase, ...(charge === undefined ? {} : { charge }) });
    round(1, 'training');
    round(1, 'uploaded');
    // On a charger, or nobody knows.
    expect(used()).toBeNull();
    const rounds: readonly [number, RoundPhase, number | undefined, number][] = [
      [2, 'invited', 0.9, 0],
      [2, 'downloading', 0.875, 0],
      [2, 'training', 0.875, 0],
      [2, 'uploading', 0.75, 0.125],
      [2, 'uploaded', 0.625, 0.25],
      // It waits for the others.
      [2, 'unmasking', 0.5, 0.25],
      [2, 'revealed', 0.375, 0.375],
      [3, 'training', 0.25, 0.375],
      // A charger came and went.
      [3, 'uploading', 0.5, 0.375],
      [3, 'uploaded', undefined, 0.375],
      [4, 'training', 0.5, 0.375],
    ];
    for (const [of, phase, charge, sum] of rounds) {
      round(of, phase, charge);
      expect(used() ?? 0).toBe(sum);
    }
  });

  it('gives the same summary until something happens, and tells of it', async () => {
    const { activity, emit } = await watched();
    let changes = 0;
    const off = activity.subscribe(() => changes++);
    const before = activity.summary();
    expect(activity.summary()).toBe(before);
    emit('history', { events: 3 });
    expect(activity.summary()).toEqual({ ...before, events: 3 });
    off();
    emit('history', { events: 4 });
    expect(changes).toBe(1);
  });
});
