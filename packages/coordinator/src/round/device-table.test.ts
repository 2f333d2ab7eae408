import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DeviceProgress, type DeviceTable, invitedDevices } from './device-table.ts';

const devices = ['a', 'b', 'c', 'd'];
const progress = fc.constantFrom<DeviceProgress>('invited', 'away', 'uploaded', 'declined');

describe('a table of devices', () => {
  it('equals copies of a plain map, at every version, in whatever order versions are read and continued', () => {
    const update = fc.record({ from: fc.nat(), device: fc.constantFrom(...devices), to: progress, read: fc.nat() });
    fc.assert(
      fc.property(fc.array(update, { maxLength: 40 }), (updates) => {
        const tables: DeviceTable[] = [invitedDevices(devices)];
        const copies = [new Map<string, DeviceProgress>(devices.map((device) => [device, 'invited']))];
        const compare = (index: number) => {
          const copy = copies[index];
          expect(devices.map((device) => tables[index].get(device))).toEqual([...copy.values()]);
          expect([...tables[index].values()]).toEqual([...copy.values()]);
          expect(tables[index].size).toBe(devices.length);
          const pending = [...copy.values()].filter((value) => value === 'invited' || value === 'away');
          expect(tables[index].pending).toBe(pending.length);
        };
        for (const { from, device, to, read } of updates) {
          const index = from % tables.length;
          tables.push(tables[index].with(device, to));
          copies.push(new Map(copies[index]).set(device, to));
          compare(read % tables.length);
        }
        for (const index of tables.keys()) compare(index);
      }),
    );
  });

  it('knows invited devices only', () => {
    const table = invitedDevices(['a']);
    expect(table.has('b')).toBe(false);
    expect(() => table.with('b', 'uploaded')).toThrow(RangeError);
  });
});
