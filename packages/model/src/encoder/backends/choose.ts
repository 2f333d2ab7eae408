/** TensorFlow.js's backends: loaded where asked for, checked before use. */
import * as tf from '@tensorflow/tfjs';
import { loadNativeBackend, nativeRemedy } from '../../tfjs/native-backend.ts';
import { EncoderError } from '../error.ts';
import { checkKernels } from './kernels.ts';
import { probeMilliseconds } from './probe.ts';
import { canStartThreads } from './wasm-threads.ts';

export const encoderBackends = ['tensorflow', 'webgpu', 'webgl', 'wasm', 'cpu'] as const;
export type EncoderBackend = (typeof encoderBackends)[number];

export interface BackendOptions {
  /** Gradients too; they are read synchronously, which webgpu cannot. False by default. */
  readonly training?: boolean;
  /** Where a browser fetches TensorFlow.js's .wasm files from, ending in '/'; the folder of the script by default. */
  readonly wasmPath?: string;
}

/** Its name in a variable: a package that need not be there, which no bundler and no compiler may look for. */
const webgpuPackage: string = '@tensorflow/tfjs-backend-webgpu';

/**
 * Makes a backend TensorFlow.js's current one. 'auto' takes the native one where it is there, else whichever of webgpu, webgl and wasm is
 * fastest at a short probe, else cpu.
 * @returns the backend's name
 * @throws EncoderError 'missing-backend' where it is not there, 'missing-kernel' where it cannot do what an encoder needs
 */
export async function chooseBackend(
  choice: EncoderBackend | 'auto',
  options: BackendOptions = {},
): Promise<EncoderBackend> {
  if (choice !== 'auto') {
    await useBackend(choice, options);
    return choice;
  }
  if (await isThere('tensorflow', options)) return 'tensorflow';
  const there: EncoderBackend[] = [];
  for (const backend of ['webgpu', 'webgl', 'wasm'] as const) if (await isThere(backend, options)) there.push(backend);
  const chosen = there.length > 1 ? await fastestOf(there, options) : (there[0] ?? 'cpu');
  await useBackend(chosen, options);
  return chosen;
}

async function fastestOf(backends: readonly EncoderBackend[], options: BackendOptions): Promise<EncoderBackend> {
  const timed: { readonly backend: EncoderBackend; readonly milliseconds: number }[] = [];
  for (const backend of backends) {
    await useBackend(backend, options);
    timed.push({ backend, milliseconds: await probeMilliseconds() });
  }
  return timed.reduce((fastest, each) => (each.milliseconds < fastest.milliseconds ? each : fastest)).backend;
}

/** Makes it the current one if it is. */
async function isThere(backend: EncoderBackend, options: BackendOptions): Promise<boolean> {
  try {
    await useBackend(backend, options);
    return true;
  } catch (error) {
    if (error instanceof EncoderError) return false;
    throw error;
  }
}

async function useBackend(backend: EncoderBackend, { training = false, wasmPath }: BackendOptions): Promise<void> {
  if (training && backend === 'webgpu')
    throw missing(backend, 'webgpu reads asynchronously only, and training does not');
  try {
    if (backend === 'wasm') {
      const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
      if (wasmPath !== undefined) setWasmPaths(wasmPath);
      // Settled when the backend first starts.
      const started = 'wasm' in tf.engine().registry;
      if (!started && !(await canStartThreads())) tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    }
    if (backend === 'webgpu') await import(/* @vite-ignore */ webgpuPackage);
    if (backend === 'tensorflow') await loadNativeBackend();
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

const remedies: Readonly<Record<EncoderBackend, string>> = {
  tensorflow: `${nativeRemedy}; or choose wasm.`,
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
