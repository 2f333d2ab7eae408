import { describe, expect, it } from 'vitest';
import { parseCatalogue } from './catalogue.ts';

const item = (id: string) => ({ id, title: 'T', attributes: ['a'], description: '' });
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe('parseCatalogue', () => {
  it('finds items by id', () => {
    const catalogue = parseCatalogue(bytes([item('x'), item('y')]), 2);
    expect(catalogue.indexOf('y')).toBe(1);
    expect(catalogue.indexOf('z')).toBeUndefined();
    expect(catalogue.items[0]).toEqual(item('x'));
  });

  it.each([
    ['no JSON', new TextEncoder().encode('{'), /not UTF-8 JSON/],
    ['broken UTF-8', Uint8Array.of(0x22, 0xff, 0x22), /not UTF-8 JSON/],
    ['an object', bytes({}), /not an array/],
    ['too few items', bytes([item('x')]), /1 items, and the task 2/],
    ['an item without a title', bytes([item('x'), { id: 'y' }]), /item 1 is not/],
    ['an empty id', bytes([item(''), item('y')]), /item 0 is not/],
    ['an id twice', bytes([item('x'), item('x')]), /item 1 has an id that occurred before/],
  ])('refuses %s', (_, value, message) => {
    expect(() => parseCatalogue(value, 2)).toThrow(
      expect.objectContaining({ code: 'malformed', message: expect.stringMatching(message) }),
    );
  });
});
