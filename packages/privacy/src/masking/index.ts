export * from './create-accumulator.ts';
export { elementsPerBlock, hasZeroPadding, packedLength, sliceAlignment } from './layout.ts';
export * from './modular-accumulator.ts';
export * from './packing.ts';
