/** The kernels that an encoder's forward pass and its gradient are made of, looked for before anything runs. */
import * as tf from '@tensorflow/tfjs';
import { EncoderError } from '../error.ts';

/** Of the forward pass of any supported architecture and pooling. */
export const forwardKernels: readonly string[] = [
  '_FusedMatMul',
  'Add',
  'BatchMatMul',
  'Erf',
  'GatherV2',
  'Maximum',
  'Mean',
  'Multiply',
  'RealDiv',
  'Relu',
  'Reshape',
  'Rsqrt',
  'Slice',
  'Softmax',
  'SplitV',
  'Sqrt',
  'Square',
  'Sub',
  'Sum',
  'Tanh',
  'Transpose',
];

/** What gradients use beyond those. */
export const gradientKernels: readonly string[] = ['Cast', 'Concat', 'Exp', 'GreaterEqual', 'Identity', 'Neg', 'Step'];

/** @throws EncoderError 'missing-kernel' that names each kernel which the backend does not have */
export function checkKernels(backend: string, { training }: { readonly training: boolean }): void {
  const needed = training ? [...forwardKernels, ...gradientKernels] : forwardKernels;
  const registered = new Set((tf.getKernelsForBackend(backend) ?? []).map(({ kernelName }) => kernelName));
  const missing = needed.filter((name) => !registered.has(name));
  if (missing.length === 0) return;
  throw new EncoderError({
    code: 'missing-kernel',
    problem: `TensorFlow.js's backend ${backend} has no kernel ${missing.join(', ')}`,
    expected: training ? 'all kernels of an encoder and its gradient' : 'all kernels of an encoder',
    remedy: 'Choose another backend, or a TensorFlow.js 4.22 of which all parts have the same version.',
  });
}
