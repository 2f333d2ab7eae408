import { describe, expect, it } from 'vitest';
import { createEmitter } from '../sdk/events.ts';
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
