/**
 * TensorFlow.js's native backend, 'tensorflow': TensorFlow's own library, on the processor or on a GPU with CUDA. It comes with packages
 * whose install scripts fetch that library, so that nothing here depends on them: they are taken where they are.
 */
import * as tf from '@tensorflow/tfjs';

/** In a variable: packages that need not be there, which no bundler and no compiler may look for. The first that loads is taken. */
const nativePackages: readonly string[] = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

export const nativeRemedy =
  'Install @tensorflow/tfjs-node (or @tensorflow/tfjs-node-gpu, with CUDA) 4.22 beside @tributary/model on Node 20 or 22, ' +
  'with install scripts allowed';

/**
 * Loads the native backend; TensorFlow.js's current backend stays what it is.
 * @throws Error that says in its first line why it is not there
 */
export async function loadNativeBackend(): Promise<void> {
  const before = tf.engine().backendName;
  // A second copy of TensorFlow.js, which the native package may bring, says of each of 400 kernels that it is there already.
  const quiet = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  hideRemarks();
  try {
    await importFirst();
  } finally {
    tf.env().set('PROD', quiet);
    // The package makes its backend the current one.
    if (before && tf.engine().backendName !== before) await tf.setBackend(before);
  }
}

/** TensorFlow writes to standard error which instructions it was not compiled for; its warnings and errors stay. */
function hideRemarks(): void {
  const { process } = globalThis as { readonly process?: { readonly env: Record<string, string | undefined> } };
  if (process) process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
}

async function importFirst(): Promise<void> {
  const failures: unknown[] = [];
  for (const name of nativePackages) {
    try {
      await import(/* @vite-ignore */ name);
      return;
    } catch (error) {
      failures.push(error);
    }
  }
  // One that is installed and does not load says more than one that is not installed.
  const broken = failures.find((error) => !isNotInstalled(error));
  throw broken ?? new Error(`neither ${nativePackages.join(' nor ')} is installed`, { cause: failures.at(-1) });
}

function isNotInstalled(error: unknown): boolean {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  return missing && nativePackages.some((name) => String(message).includes(`'${name}'`));
}

/**
 * Does work without awaiting on the native backend, once it is loaded, and gives TensorFlow.js back the backend that it had, on which an
 * encoder may be.
 */
export function onNativeBackend<T>(work: () => T): T {
  const before = tf.engine().backendName;
  if (before === 'tensorflow') return work();
  // A backend that has started is the current one when the call returns, not when its promise resolves.
  void tf.setBackend('tensorflow');
  try {
    return work();
  } finally {
    if (before) void tf.setBackend(before);
  }
}

/** Whether it computes on a GPU. */
export function nativeBackendUsesGpu(): boolean {
  const backend = tf.findBackend('tensorflow') as unknown as { readonly isUsingGpuDevice?: boolean } | null;
  return backend?.isUsingGpuDevice ?? false;
}
