/** A worker that times one local epoch, and says so. */
import { epochMilliseconds } from './epoch.ts';

globalThis.addEventListener('message', ({ data }) => {
  (globalThis as unknown as { postMessage(value: number): void }).postMessage(epochMilliseconds(Number(data)));
});
