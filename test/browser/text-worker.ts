/** A worker's script as an app with an encoder writes it. */
import { serveTributary } from '@tributary/client';

serveTributary(async () => {
  const { createTextModel, openBuiltInEncoder } = await import('@tributary/model/encoder');
  return { texts: { model: await createTextModel(await openBuiltInEncoder(), { backend: 'wasm', wasmPath: '/' }) } };
});
