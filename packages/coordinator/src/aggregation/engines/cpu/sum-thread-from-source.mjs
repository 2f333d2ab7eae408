/**
 * Entry of a summing thread in development: TypeScript's loader is put in place by the thread itself, since neither vitest nor a
 * parent under tsx hands its own down. As built, threads start with `sum-thread.js` and this file is not used.
 */
import { register } from 'tsx/esm/api';

register();
await import('./sum-thread.ts');
