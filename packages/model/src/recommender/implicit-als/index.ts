export { trainCentralImplicitAls } from './central.ts';
export { createImplicitAls, unpackSymmetric } from './implicit-als.ts';
export { gramian, localSolve, recencyWeights } from './local-solve.ts';
