import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SafetensorsError } from './error.ts';
import {
  maximumHeaderBytes,
  type NamedTensor,
  readSafetensors,
  type SafetensorsFile,
  writeSafetensors,
} from './float-file.ts';

const golden = fileURLToPath(new URL('../../../../test/golden/safetensors/', import.meta.url));

/** A file of this header and so many data bytes. */
function fileOf(header: unknown, dataBytes: number): Uint8Array {
  return fileOfText(typeof header === 'string' ? header : JSON.stringify(header), dataBytes);
}

function fileOfText(header: string, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const tensor = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

const tensorArbitrary: fc.Arbitrary<NamedTensor> = fc
  .record({
    name: fc.string({ unit: 'binary', maxLength: 12 }).filter((name) => !/__metadata__|__proto__/.test(name)),
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
  })
  .chain(({ name, shape }) => {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    return fc.float32Array({ minLength: size, maxLength: size }).map((values) => ({ name, shape, values }));
  });

const fileArbitrary: fc.Arbitrary<SafetensorsFile> = fc.record({
  tensors: fc.uniqueArray(tensorArbitrary, { maxLength: 5, selector: ({ name }) => name }),
  metadata: fc.dictionary(
    fc.string().filter((key) => key !== '__proto__'),
    fc.string({ unit: 'binary' }),
    { maxKeys: 3 },
  ),
});

const byName = (tensors: readonly NamedTensor[]) => new Map(tensors.map((entry) => [entry.name, entry]));

describe('safetensors', () => {
  it('reads what the Python package writes', () => {
    const { tensors, metadata } = readSafetensors(readFileSync(join(golden, 'tensors.safetensors')));
    expect(metadata).toEqual({ format: 'tributary', note: 'flüsse' });
    expect(byName(tensors)).toEqual(
      new Map([
        [
          'item.vectors',
          { name: 'item.vectors', shape: [4, 3], values: Float32Array.from({ length: 12 }, (_, i) => i / 8 - 0.5) },
        ],
        ['item.bias', { name: 'item.bias', shape: [4], values: Float32Array.of(1.5, -2.25, 3e-38, 3e38) }],
        ['empty', { name: 'empty', shape: [0, 3], values: new Float32Array(0) }],
        ['scalar', { name: 'scalar', shape: [], values: Float32Array.of(7.125) }],
      ]),
    );
  });

  it('writes what the Python package reads', (context) => {
    const python = process.env.TRIBUTARY_PYTHON ?? 'python3';
    try {
      execFileSync(python, ['-c', 'import safetensors, numpy'], { stdio: 'ignore' });
    } catch {
      context.skip('python3 with safetensors and numpy is not here (pip install safetensors numpy)');
    }
    const folder = mkdtempSync(join(tmpdir(), 'safetensors-'));
    try {
      const file = join(folder, 'ours.safetensors');
      const tensors = [
        { name: 'b', shape: [2, 2], values: Float32Array.of(1, -2.5, 3, 0.125) },
        { name: 'a', shape: [1], values: Float32Array.of(9) },
      ];
      writeFileSync(file, writeSafetensors({ tensors, metadata: { version: '{"round":3}' } }));
      expect(JSON.parse(execFileSync(python, [join(golden, 'read.py'), file], { encoding: 'utf8' }))).toEqual({
        metadata: { version: '{"round":3}' },
        tensors: { a: { shape: [1], values: [9] }, b: { shape: [2, 2], values: [1, -2.5, 3, 0.125] } },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('gives back every file that it wrote, bit for bit', () => {
    fc.assert(
      fc.property(fileArbitrary, (file) => {
        const read = readSafetensors(writeSafetensors(file));
        expect(byName(read.tensors)).toEqual(byName(file.tensors));
        expect(read.metadata).toEqual(file.metadata);
      }),
    );
  });

  it('answers every cut or changed file with a tensor list or a typed error, never with anything else', () => {
    fc.assert(
      fc.property(fileArbitrary, fc.nat(), fc.nat(255), fc.boolean(), (file, place, value, cut) => {
        const bytes = writeSafetensors(file);
        const at = place % bytes.length;
        const changed = cut ? bytes.slice(0, at) : bytes.with(at, value);
        try {
          readSafetensors(changed);
          // Only a change of data, of a name or of metadata may pass; a shorter file never does.
          expect(cut).toBe(false);
        } catch (error) {
          if (!(error instanceof SafetensorsError)) throw error;
        }
      }),
    );
  });

  it.each([
    ['a hole', fileOf({ a: tensor(4, 8) }, 8), /begins at byte 4; expected 0/],
    ['an overlap', fileOf({ a: tensor(0, 8), b: tensor(4, 12) }, 12), /begins at byte 4; expected 8/],
    ['trailing bytes', fileOf({ a: tensor(0, 4) }, 12), /8 bytes after the last tensor/],
    ['a tensor past the end', fileOf({ a: tensor(0, 8) }, 4), /cut short/],
    ['a shape of another size', fileOf({ a: tensor(0, 8, [3]) }, 8), /takes 12/],
    ['an overflowing shape', fileOf({ a: tensor(0, 8, [2 ** 52, 2 ** 52]) }, 8), /takes/],
    ['a negative dimension', fileOf({ a: tensor(0, 4, [-1, -1]) }, 4), /non-negative/],
    ['offsets the wrong way', fileOf({ a: { ...tensor(0, 4, [1]), data_offsets: [4, 0] } }, 4), /-4 bytes/],
    ['another type', fileOf({ a: { ...tensor(0, 8, [1]), dtype: 'F64' } }, 8), /expected "F32"/],
    ['an unknown field', fileOf({ a: { ...tensor(0, 4), extra: 1 } }, 4), /other fields/],
    [
      'a repeated tensor',
      fileOf(`{"a":${JSON.stringify(tensor(0, 4))},"\\u0061":${JSON.stringify(tensor(0, 4))}}`, 4),
      /"a" twice/,
    ],
    [
      'a repeated field',
      fileOf('{"a":{"dtype":"F64","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
      /"dtype" twice/,
    ],
    ['metadata that is not strings', fileOf({ __metadata__: { a: 1 } }, 0), /object of strings/],
    ['a header that is a list', fileOf('[]', 0), /not a JSON object/],
    ['a header that begins with a space', fileOf(' {}', 0), /not a JSON object/],
    ['a header that is not JSON', fileOf('{', 0), /not JSON/],
    ['no header', new Uint8Array(7), /shorter than/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(SafetensorsError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  it('refuses a header larger than its bound before reading it', () => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(maximumHeaderBytes) + 1n, true);
    expect(() => readSafetensors(bytes)).toThrow(/at most/);
    expect(() => readSafetensors(new Uint8Array(8).fill(0xff))).toThrow(/claims 18446744073709551615 bytes/);
  });

  it('does not write two tensors of one name', () => {
    const values = Float32Array.of(1);
    const twice = [
      { name: 'a', shape: [1], values },
      { name: 'a', shape: [1], values },
    ];
    expect(() => writeSafetensors({ tensors: twice, metadata: {} })).toThrow(SafetensorsError);
  });
});
