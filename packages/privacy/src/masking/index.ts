export * from './create-accumulator.ts';
export {
  checkPacked,
  checkSeed,
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
