import { describe, expect, it } from 'vitest';
import { choosePlan } from './choose-plan.ts';

const laptop = {
  measuredTextsPerSecond: 10,
  memoryBytes: 1000,
  budgetSeconds: 10,
  textsPerRound: 100,
  cheapMemoryBytes: 100,
  fullMemoryBytes: 1000,
};

describe('the plan of a device', () => {
  it('is full where time and memory just suffice', () => {
    expect(choosePlan(laptop)).toEqual({ plan: 'full' });
  });
  it('is cheap where the texts take too long, the memory falls short or the speed is not a number', () => {
    expect(choosePlan({ ...laptop, textsPerRound: 101 })).toEqual({ plan: 'cheap' });
    expect(choosePlan({ ...laptop, memoryBytes: 999 })).toEqual({ plan: 'cheap' });
    expect(choosePlan({ ...laptop, measuredTextsPerSecond: Number.NaN })).toEqual({ plan: 'cheap' });
  });
  it('is refused, with both figures, where even the cheap plan does not fit or memory is unknown', () => {
    expect(choosePlan({ ...laptop, memoryBytes: 99 })).toMatchObject({
      code: 'too-little-memory',
      message: expect.stringMatching(/99 bytes.*100/),
    });
    expect(choosePlan({ ...laptop, memoryBytes: Number.NaN })).toMatchObject({ plan: 'refused' });
  });
});
