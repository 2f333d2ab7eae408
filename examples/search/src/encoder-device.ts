/** The device with a text encoder; this module is loaded when it is asked for, and the encoder with it. */
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plainKernels from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.wasm?url';
import simdKernels from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm?url';
import threadedKernels from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.wasm?url';
import { createTributary, type Tributary } from '@tributary/client';
import { createTextModel, openBuiltInEncoder } from '@tributary/model/encoder';
import { deviceOptions } from 'films/src/device.ts';

/**
 * @param before the same person's device without one; it is stopped, and what it has stored is opened anew
 * @throws EncoderError where the encoder cannot run here; the device before goes on then
 */
export async function openEncoderDevice(before: Tributary): Promise<Tributary> {
  setWasmPaths({
    'tfjs-backend-wasm.wasm': plainKernels,
    'tfjs-backend-wasm-simd.wasm': simdKernels,
    'tfjs-backend-wasm-threaded-simd.wasm': threadedKernels,
  });
  const model = await createTextModel(await openBuiltInEncoder(), { backend: 'wasm' });
  await before.stop();
  return createTributary({ ...deviceOptions('search'), texts: { model } });
}
