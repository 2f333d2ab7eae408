import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DeviceSet, deviceSet } from './device-set.ts';

describe('a set of devices', () => {
  it('keeps every version as it was, whatever became of the others', () => {
    const step = fc.record({ from: fc.nat(30), device: fc.constantFrom('a', 'b', 'c', 'd'), add: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const versions: { readonly set: DeviceSet; readonly plain: ReadonlySet<string> }[] = [
          { set: deviceSet(['a']), plain: new Set(['a']) },
        ];
        for (const { from, device, add } of steps) {
          const { set, plain } = versions[from % versions.length];
          const next = new Set(plain);
          if (add) next.add(device);
          else next.delete(device);
          versions.push({ set: add ? set.with(device) : set.without(device), plain: next });
        }
        for (const { set, plain } of versions) {
          expect([...set].sort()).toEqual([...plain].sort());
          expect(set.size).toBe(plain.size);
        }
      }),
    );
  });
});
