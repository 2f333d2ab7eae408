import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatsOf } from './dtype.ts';
import { SafetensorsError } from './error.ts';
import { writeSafetensors } from './float-file.ts';
import { type ByteSource, bytesSource, openSafetensors } from './open.ts';

function fileOf(header: unknown, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const entry = (dtype: string, shape: number[], begin: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

/** float32 to binary16 bits for values that binary16 has. */
function halfBits(value: number): number {
  const sign = Object.is(Math.sign(value), -1) || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | (size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | ((exponent + 15) << 10) | ((size / 2 ** exponent - 1) * 1024);
}

describe('an open safetensors file', () => {
  it('reads half precision, bfloat16 and int8 exactly, each value of the 16-bit types', () => {
    const bits = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const halves = floatsOf('F16', new Uint8Array(bits.buffer));
    expect(halves[0x3c00]).toBe(1);
    expect(halves[0x7bff]).toBe(65_504);
    expect(halves[0x0001]).toBe(2 ** -24);
    const back = halves.findIndex((value, i) => halfBits(value) !== (Number.isNaN(value) ? 0x7e00 : i));
    expect(back).toBe(-1);
    const brain = floatsOf('BF16', new Uint8Array(bits.buffer));
    expect([brain[0x3f80], brain[0xc000], brain[0x7f80]]).toEqual([1, -2, Number.POSITIVE_INFINITY]);
    expect(brain).toEqual(new Float32Array(Uint32Array.from(bits, (upper) => upper << 16).buffer));
    expect(floatsOf('I8', Uint8Array.of(0, 127, 128, 255))).toEqual(Float32Array.of(0, 127, -128, -1));
  });

  it('lists a type that it does not read, and refuses to read it', async () => {
    const header = { ids: entry('I64', [1, 2], 0, 16), a: entry('F16', [2], 16, 20) };
    const file = await openSafetensors(bytesSource(fileOf(header, new Uint8Array(20))));
    expect(file.entries.map(({ name, type }) => [name, type])).toEqual([
      ['ids', 'I64'],
      ['a', 'F16'],
    ]);
    expect(await file.read('a')).toEqual(Float32Array.of(0, 0));
    await expect(file.read('ids')).rejects.toThrow(/I64; expected F32, F16, BF16, I8/);
    await expect(file.read('b')).rejects.toThrow(/no tensor "b"/);
  });

  it('reads the bytes of the tensor that is asked for and no others', async () => {
    const tensors = ['a', 'b', 'c'].map((name, i) => ({ name, shape: [1000], values: new Float32Array(1000).fill(i) }));
    const bytes = writeSafetensors({ tensors, metadata: {} });
    const reads: number[] = [];
    const source: ByteSource = {
      size: bytes.length,
      read: async (from, to) => {
        reads.push(to - from);
        return bytes.slice(from, to);
      },
    };
    const file = await openSafetensors(source);
    expect(Math.max(...reads)).toBeLessThan(1000);
    expect(await file.read('b')).toEqual(tensors[1].values);
    expect(reads.at(-1)).toBe(4000);
  });

  it('answers a source that ends early, or any changed header, with a typed error or a sound list', async () => {
    const bytes = fileOf({ a: entry('F32', [4], 0, 16), b: entry('I8', [2, 2], 16, 20) }, new Uint8Array(20));
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), async (at, value, cut) => {
        const changed = cut
          ? { ...bytesSource(bytes.slice(0, at)), size: bytes.length }
          : bytesSource(bytes.with(at, value));
        try {
          const file = await openSafetensors(changed);
          for (const { name, shape } of file.entries) {
            const values = await file.read(name);
            expect(values).toHaveLength(shape.reduce((a, b) => a * b, 1));
          }
          expect(cut).toBe(false);
        } catch (error) {
          if (!(error instanceof SafetensorsError)) throw error;
        }
      }),
    );
  });

  it('refuses a header that claims more than could be one', async () => {
    await expect(openSafetensors(bytesSource(new Uint8Array(16).fill(0xff)))).rejects.toThrow(/claims 1844/);
    await expect(openSafetensors(bytesSource(new Uint8Array(3)))).rejects.toThrow(/shorter/);
  });
});
