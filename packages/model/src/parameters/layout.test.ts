import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkLength, createLayout, flatten, LayoutError, tensorOf, unflatten, viewOf } from './layout.ts';

const specifications = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}$/),
    shape: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
  }),
  { selector: ({ name }) => name, minLength: 1, maxLength: 6 },
);

describe('a parameter layout', () => {
  it('lays tensors out one after the other, without gaps', () => {
    fc.assert(
      fc.property(specifications, (tensors) => {
        const layout = createLayout(tensors);
        let next = 0;
        for (const tensor of layout.tensors) {
          expect(tensor.offset).toBe(next);
          expect(tensor.size).toBe(tensor.shape.reduce((product, dimension) => product * dimension, 1));
          next += tensor.size;
        }
        expect(layout.size).toBe(next);
      }),
    );
  });

  it('brings any flat vector back from its tensors, which are views on it', () => {
    fc.assert(
      fc.property(specifications, (tensors) => {
        const layout = createLayout(tensors);
        const flat = Float32Array.from({ length: layout.size }, (_, i) => i + 1);
        const views = unflatten(layout, flat);
        expect(flatten(layout, views)).toEqual(flat);
        for (const [name, view] of views) {
          expect(view.buffer).toBe(flat.buffer);
          expect(viewOf(layout, flat, name)).toEqual(view);
        }
      }),
    );
  });

  it('has the SHA-256 of a canonical text of names and shapes as its hash', () => {
    const layout = createLayout([
      { name: 'items', shape: [3, 2] },
      { name: 'bias', shape: [] },
    ]);
    const text = 'tributary/layout/v1\nitems:f32[3,2]\nbias:f32[]\n';
    expect(layout.hash).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it('differs in its hash by any name, shape or order', () => {
    const base = createLayout([
      { name: 'a', shape: [2, 3] },
      { name: 'b', shape: [1] },
    ]).hash;
    for (const other of [
      [
        { name: 'a', shape: [3, 2] },
        { name: 'b', shape: [1] },
      ],
      [
        { name: 'b', shape: [1] },
        { name: 'a', shape: [2, 3] },
      ],
      [
        { name: 'a', shape: [2, 3] },
        { name: 'c', shape: [1] },
      ],
      [{ name: 'a', shape: [2, 3] }],
      [
        { name: 'a', shape: [6] },
        { name: 'b', shape: [1] },
      ],
    ]) {
      expect(createLayout(other).hash).not.toBe(base);
    }
  });

  it.each([
    ['no tensor', [], /at least one/],
    ['an empty name', [{ name: '', shape: [1] }], /letters, digits/],
    ['a name with a line break', [{ name: 'a\nb', shape: [1] }], /letters, digits/],
    [
      'a repeated name',
      [
        { name: 'a', shape: [1] },
        { name: 'a', shape: [2] },
      ],
      /twice/,
    ],
    ['a dimension of 0', [{ name: 'a', shape: [2, 0] }], /positive integer/],
    ['a dimension that is no integer', [{ name: 'a', shape: [1.5] }], /positive integer/],
  ])('refuses %s', (_, tensors, message) => {
    expect(() => createLayout(tensors)).toThrow(LayoutError);
    expect(() => createLayout(tensors)).toThrow(message);
  });

  it('says what is missing or of the wrong length', () => {
    const layout = createLayout([{ name: 'items', shape: [2, 2] }]);
    expect(() => tensorOf(layout, 'users')).toThrow(/users.*items/);
    expect(() => flatten(layout, new Map())).toThrow(/items is missing/);
    expect(() => flatten(layout, new Map([['items', new Float32Array(3)]]))).toThrow(/3 elements; expected 4/);
    expect(() => checkLength(layout, new Float32Array(5))).toThrow(/5 elements; the layout expects 4/);
    expect(() => unflatten(layout, new Float32Array(5))).toThrow(LayoutError);
  });
});
