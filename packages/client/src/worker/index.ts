/**
 * The script of a dedicated worker that runs the SDK for a page: `new Worker(new URL('@tributary/client/worker', import.meta.url), {
 * type: 'module' })`, or a file of the app's own that imports it. The page speaks to it by `createTributaryInWorker`. A worker with an
 * encoder, or another option that cannot be sent, has a script that calls `serveTributary` of '@tributary/client' instead.
 */
import { serveTributary } from './serve.ts';

serveTributary();
