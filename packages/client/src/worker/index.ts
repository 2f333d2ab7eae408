/**
 * The script of a dedicated worker that runs the SDK for a page: `new Worker(new URL('@tributary/client/worker', import.meta.url), {
 * type: 'module' })`, or a file of the app's own that imports it. The page speaks to it by `createTributaryInWorker`.
 */
import { serveTributary, type WorkerScope } from './serve.ts';

serveTributary(globalThis as unknown as WorkerScope);
