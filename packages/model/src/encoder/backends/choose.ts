/** TensorFlow.js's backends: loaded where asked for, checked before use. */
import * as tf from '@tensorflow/tfjs';
import { EncoderError } from '../error.ts';
import { checkKernels } from './kernels.ts';

export const encoderBackends = ['tensorflow', 'webgpu', 'webgl', 'wasm', 'cpu'] as const;
export type EncoderBackend = (typeof encoderBackends)[number];

export interface BackendOptions {
  /** Gradients too; they are read synchronously, which webgpu cannot. False by default. */
  readonly training?: boolean;
}

/** Names in variables: packages that need not be there, which no bundler and no compiler may look for. */
const nativePackages: readonly string[] = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
const webgpuPackage: string = '@tensorflow/tfjs-backend-webgpu';

/**
 * Makes a backend TensorFlow.js's current one. 'auto' takes the first that is there of tensorflow, webgpu, webgl, wasm, cpu.
 * @returns the backend's name
 * @throws EncoderError 'missing-backend' where it is not there, 'missing-kernel' where it cannot do what an encoder needs
 */
export async function chooseBackend(
  choice: EncoderBackend | 'auto',
  { training = false }: BackendOptions = {},
): Promise<EncoderBackend> {
  if (choice !== 'auto') {
    await useBackend(choice, training);
    return choice;
  }
  for (const candidate of encoderBackends) {
    try {
      await useBackend(candidate, training);
      return candidate;
    } catch (error) {
      if (!(error instanceof EncoderError) || candidate === 'cpu') throw error;
    }
  }
  return 'cpu';
}

async function useBackend(backend: EncoderBackend, training: boolean): Promise<void> {
  if (training && backend === 'webgpu')
    throw missing(backend, 'webgpu reads asynchronously only, and training does not');
  try {
    if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
    if (backend === 'webgpu') await import(webgpuPackage);
    if (backend === 'tensorflow') await importNative();
  } catch (error) {
    throw missing(backend, firstLine(error), error);
  }
  if (!tf.engine().registryFactory[backend]) throw missing(backend, 'it is not registered on this platform');
  checkKernels(backend, { training });
  const before = tf.engine().backendName;
  const ready = await tf.setBackend(backend).catch(() => false);
  if (ready) return;
  if (before) await tf.setBackend(before);
  throw missing(backend, 'it did not start');
}

async function importNative(): Promise<void> {
  let failure: unknown;
  for (const name of nativePackages) {
    try {
      await import(name);
      return;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

const remedies: Readonly<Record<EncoderBackend, string>> = {
  tensorflow:
    'Install @tensorflow/tfjs-node (or @tensorflow/tfjs-node-gpu, with CUDA) 4.22 beside this package on Node 20 or 22, ' +
    'with install scripts allowed; or choose wasm.',
  webgpu: 'Use a browser with WebGPU and add @tensorflow/tfjs-backend-webgpu 4.22; or choose webgl or wasm.',
  webgl: 'Use a browser with WebGL; or choose wasm.',
  wasm: 'Install @tensorflow/tfjs-backend-wasm 4.22 and, in a browser, serve its .wasm files; or choose cpu.',
  cpu: 'Import @tensorflow/tfjs 4.22 whole, not tfjs-core alone.',
};

function missing(backend: EncoderBackend, why: string, cause?: unknown): EncoderError {
  return new EncoderError(
    {
      code: 'missing-backend',
      problem: `TensorFlow.js's backend ${backend} cannot be used here (${why})`,
      expected: 'a backend that is installed and starts',
      remedy: remedies[backend],
    },
    { cause },
  );
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0];
}
