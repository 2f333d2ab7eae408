/**
 * A process of its own, run with --expose-gc: opens a device and destroys it unused, then twice opens an engine, adds up a round and
 * closes; `done` when the sums are right.
 */
import { type Addition, addTo, expectedSum, expectSame } from '../drawn-sums.cases.ts';
import type { ModularSum } from '../engine.ts';
import { openDevice } from './open-device.ts';
import { offerSoftwareVulkan } from './software-vulkan.cases.ts';
import { openWebgpuEngine } from './webgpu-engine.ts';

const sections = [{ length: 1000, bits: 16 }];

async function openSum(): Promise<{ readonly sum: ModularSum; readonly close: () => Promise<void> }> {
  const engine = await openWebgpuEngine();
  if ('missing' in engine) throw new Error(engine.missing);
  return { sum: await engine.openModularSum(sections), close: engine.close };
}

async function collectGarbage(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    globalThis.gc?.();
    await new Promise(setImmediate);
  }
}

offerSoftwareVulkan();
// Whoever had it may still have it when Dawn is collected.
const unused = await openDevice();
if ('missing' in unused) throw new Error(unused.missing);
unused.device.destroy();
await collectGarbage();
const additions: readonly Addition[] = [
  { kind: 'packed', from: 1 },
  { kind: 'keystream', from: 2, sign: 1 },
];
for (let round = 0; round < 2; round++) {
  const { sum, close } = await openSum();
  for (const addition of additions) {
    await addTo(sum, [addition]);
    await collectGarbage();
  }
  expectSame(await sum.finish(), expectedSum(sections, additions));
  await close();
  await collectGarbage();
}
console.log(unused.name.length > 0 ? 'done' : 'no name');
