/** TensorFlow.js parts of the model package, behind the subpath `@tributary/model/tfjs`. */
export { createTfjsBackend } from './backend.ts';
export { registerSegmentSumKernel } from './segment-sum.ts';
