export * from './create-accumulator.ts';
export {
  checkShape,
  elementsPerBlock,
  hasZeroPadding,
  maskOf,
  packedLength,
  type SliceShape,
  sliceAlignment,
} from './layout.ts';
export * from './modular-accumulator.ts';
export * from './packing.ts';
