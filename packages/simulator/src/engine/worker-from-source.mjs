/**
 * Entry of a worker thread in development: TypeScript's loader is put in place by the thread itself, since neither vitest nor a
 * parent under tsx hands its own down. As built, threads start with `worker.js` and this file is not used.
 */
import { register } from 'tsx/esm/api';

register();
const { train, encode, mask, rank, central } = await import('./worker.ts');

export { central, encode, mask, rank, train };
