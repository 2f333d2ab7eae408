export * from './create-accumulator.ts';
export { elementsPerBlock, hasZeroPadding, maskOf, packedLength, sliceAlignment } from './layout.ts';
export * from './modular-accumulator.ts';
export * from './packing.ts';
