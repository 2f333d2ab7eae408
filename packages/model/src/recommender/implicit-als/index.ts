export { trainCentralImplicitAls } from './central.ts';
export { recencyWeights } from './history.ts';
export { createImplicitAls, type ImplicitAlsOptions } from './implicit-als.ts';
export type { DescribedItem } from './item-features.ts';
export type { BindKernels, Kernels } from './kernels.ts';
export { unpackSymmetric } from './packed-symmetric.ts';
export { plainKernels } from './plain-kernels.ts';
export { simdKernels } from './simd-kernels.ts';
