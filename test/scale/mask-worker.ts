/** Thread of secure-thousand.ts: encoded vectors out of a seed, masked. */
import { parentPort } from 'node:worker_threads';
import { type MaskSeed, maskVector } from '@tributary/privacy';
import { syntheticVector } from './synthetic-vector.ts';

export interface MaskRequest {
  readonly user: number;
  readonly sections: readonly { readonly length: number; readonly bits: number }[];
  readonly masks: readonly MaskSeed[];
}

parentPort?.on('message', ({ user, sections, masks }: MaskRequest) => {
  const values = sections.map(({ length, bits }, section) => syntheticVector(user, section, length, bits));
  const vector = maskVector(values, sections, masks);
  parentPort?.postMessage({ user, vector }, [vector.buffer as ArrayBuffer]);
});
