/**
 * The kernels in WebAssembly SIMD (assembly/implicit-als.ts). One instance serves a thread: its memory holds the table that was
 * used last and the scratch space of one solve, so that it stays O(model) however many versions are bound.
 */
import { bytes } from './implicit-als.wasm.ts';
import { type BindKernels, type Kernels, notPositiveDefinite } from './kernels.ts';

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  gramian(table: number, count: number, stride: number, gram: number): void;
  solve(
    table: number,
    indices: number,
    weights: number,
    count: number,
    dimension: number,
    stride: number,
    gram: number,
    unobservedWeight: number,
    ridge: number,
    a: number,
    x: number,
    packed: number,
  ): number;
  residuals(table: number, indices: number, count: number, stride: number, x: number, out: number): void;
  scores(table: number, count: number, stride: number, x: number, out: number): void;
}

/** The part of WebAssembly's interface that is used here; neither Node's nor the language's type library has it. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

const pageBytes = 65_536;
/** Below it the module keeps what is its own. */
const firstByte = 1024;
/** `batchRows` of the assembly. */
const packedRows = 64;

let cached: BindKernels | null | undefined;

/** Binds tables to the SIMD kernels; null where the platform has no WebAssembly SIMD. */
export function simdKernels(): BindKernels | null {
  if (cached === undefined) cached = load();
  return cached;
}

function load(): BindKernels | null {
  const engine = (globalThis as { readonly WebAssembly?: Engine }).WebAssembly;
  if (!engine || typeof atob !== 'function') return null;
  try {
    const module = new engine.Module(Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0)));
    return binder(new engine.Instance(module, {}).exports as Exports);
  } catch {
    // A platform that has WebAssembly without SIMD, or a page whose policy forbids it: the plain kernels do the same.
    return null;
  }
}

/** Addresses in bytes, all multiples of 16. */
interface Places {
  readonly table: number;
  readonly gram: number;
  readonly matrix: number;
  readonly packed: number;
  readonly x: number;
  readonly indices: number;
  readonly weights: number;
  readonly out: number;
  readonly end: number;
}

/** Where everything lies for a table of so many items; a local system has at most as many rows as the table. */
function placesOf(items: number, stride: number): Places {
  let next = firstByte;
  const take = (floats: number) => {
    const at = next;
    next += 4 * Math.ceil(floats / 4) * 4;
    return at;
  };
  return {
    table: take(items * stride),
    gram: take(stride * stride),
    matrix: take(stride * stride),
    packed: take(packedRows * stride),
    x: take(stride),
    indices: take(items),
    weights: take(items),
    out: take(items),
    end: next,
  };
}

function binder(wasm: Exports): BindKernels {
  let resident: object | null = null;
  /** Whose Gramian is in memory; another's table, once in, lies over it. */
  let gramianOf: object | null = null;

  return (vectors, dimension): Kernels => {
    const items = vectors.length / dimension;
    const stride = 8 * Math.ceil(dimension / 8);
    const places = placesOf(items, stride);
    const { table, gram, matrix, packed, x: xAt, indices: indicesAt, weights: weightsAt, out: outAt } = places;
    // Names this binding without keeping its table alive.
    const self = {};
    const floats = (at: number, length: number) => new Float32Array(wasm.memory.buffer, at, length);

    function makeResident(): void {
      if (resident === self) return;
      const missing = places.end - wasm.memory.buffer.byteLength;
      if (missing > 0) wasm.memory.grow(Math.ceil(missing / pageBytes));
      resident = self;
      gramianOf = null;
      const rows = floats(table, items * stride);
      if (stride === dimension) rows.set(vectors);
      else {
        rows.fill(0);
        for (let item = 0; item < items; item++) {
          rows.set(vectors.subarray(item * dimension, (item + 1) * dimension), item * stride);
        }
      }
    }

    /** Scoring alone, of a table that nothing is fitted to, has no need of it. */
    function makeGramian(): void {
      makeResident();
      if (gramianOf === self) return;
      wasm.gramian(table, items, stride, gram);
      gramianOf = self;
    }

    function place(x: Float32Array): void {
      const to = floats(xAt, stride);
      to.fill(0);
      to.set(x);
    }

    const placeItems = (list: Uint32Array) => new Uint32Array(wasm.memory.buffer, indicesAt, items).set(list);

    return {
      solve({ items: list, weights, unobservedWeight, ridge }) {
        makeGramian();
        placeItems(list);
        if (weights) floats(weightsAt, weights.length).set(weights);
        const { length } = list;
        const weighted = weights ? weightsAt : 0;
        const solved = wasm.solve(
          ...([table, indicesAt, weighted, length, dimension, stride, gram, unobservedWeight, ridge] as const),
          ...([matrix, xAt, packed] as const),
        );
        if (!solved) throw notPositiveDefinite();
        return floats(xAt, dimension).slice();
      },
      residuals(list, x) {
        makeResident();
        placeItems(list);
        place(x);
        wasm.residuals(table, indicesAt, list.length, stride, xAt, outAt);
        return floats(outAt, list.length).slice();
      },
      scores(x, out) {
        makeResident();
        place(x);
        wasm.scores(table, items, stride, xAt, outAt);
        out.set(floats(outAt, items));
      },
      gramian() {
        makeGramian();
        const upper = floats(gram, stride * stride);
        return Float64Array.from({ length: dimension * dimension }, (_, at) => {
          const [row, column] = [Math.floor(at / dimension), at % dimension];
          return upper[Math.min(row, column) * stride + Math.max(row, column)];
        });
      },
    };
  };
}
