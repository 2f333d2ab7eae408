/**
 * Entry of a thread that takes steps in development: TypeScript's loader is put in place by the thread itself, since neither vitest
 * nor a parent under tsx hands its own down. As built, threads start with `step-worker.js` and this file is not used.
 */
import { register } from 'tsx/esm/api';

register();
await import('./step-worker.ts');
