/** TensorFlow.js parts of the model package, behind the subpath `@tributary/model/tfjs`. */
export { createTfjsBackend } from './backend.ts';
export { nativeRemedy } from './native-backend.ts';
export {
  loadNativeFloatSums,
  longestNativeSum,
  type NativeFloatSum,
  type NativeFloatSums,
} from './native-float-sum.ts';
export { registerSegmentSumKernel } from './segment-sum.ts';
