/** A process of its own, run with --expose-gc: opens an engine, adds up a round and closes; `done` when the sum is right. */
import { type Addition, addTo, expectedSum, expectSame } from '../drawn-sums.cases.ts';
import type { ModularSum } from '../engine.ts';
import { offerSoftwareVulkan } from './software-vulkan.cases.ts';
import { openWebgpuEngine } from './webgpu-engine.ts';

const sections = [{ length: 1000, bits: 16 }];

async function openSum(): Promise<{ readonly sum: ModularSum; readonly close: () => Promise<void> }> {
  const engine = await openWebgpuEngine();
  if ('missing' in engine) throw new Error(engine.missing);
  return { sum: await engine.openModularSum(sections), close: engine.close };
}

offerSoftwareVulkan();
const { sum, close } = await openSum();
const additions: readonly Addition[] = [
  { kind: 'packed', from: 1 },
  { kind: 'keystream', from: 2, sign: 1 },
];
for (const addition of additions) {
  await addTo(sum, [addition]);
  for (let turn = 0; turn < 5; turn++) {
    globalThis.gc?.();
    await new Promise(setImmediate);
  }
}
expectSame(await sum.finish(), expectedSum(sections, additions));
await close();
for (let turn = 0; turn < 5; turn++) {
  globalThis.gc?.();
  await new Promise(setImmediate);
}
console.log('done');
