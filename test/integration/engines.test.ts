/** Secure rounds over real sockets whose masks a GPU takes off, and what becomes of them when it goes away. */

import type { AggregationEngine } from '@tributary/coordinator';
import { afterEach, describe, expect, it } from 'vitest';
import { openAnyDevice } from '../../packages/coordinator/src/aggregation/engines/webgpu/software-vulkan.cases.ts';
import { webgpuEngine } from '../../packages/coordinator/src/aggregation/engines/webgpu/webgpu-engine.ts';
import { startWorld, task, taskDocument, type World } from './client-world.ts';

const found = await openAnyDevice();
const reason = 'missing' in found ? found.missing : null;
if (!('missing' in found)) found.device.destroy();

async function openGpu() {
  const device = await openAnyDevice();
  if ('missing' in device) throw new Error(device.missing);
  return { engine: webgpuEngine(device), destroy: () => device.device.destroy() };
}

const document = taskDocument({
  rounds: 2,
  cohort: {
    target: 24,
    minimum: 20,
    overSelection: 1,
    selectionSeconds: 20,
    collectionSeconds: 20,
    phaseSeconds: 10,
  },
  privacy: { plan: 'secure', clipNorm: 5 },
});

/** The GPU goes away with the k-th keystream that it is to expand. */
function goingAway({ engine, destroy }: Awaited<ReturnType<typeof openGpu>>, at: number): AggregationEngine {
  let keystreams = 0;
  return {
    ...engine,
    async openModularSum(sections) {
      const sum = await engine.openModularSum(sections);
      return {
        ...sum,
        addKeystream(seed, sign) {
          keystreams += 1;
          if (keystreams === at) destroy();
          return sum.addKeystream(seed, sign);
        },
      };
    },
  };
}

describe.skipIf(reason !== null)(`a coordinator with a GPU${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let world: World;
  afterEach(() => world.close());

  async function rounds(): Promise<readonly (readonly [string, number, string | null])[]> {
    const devices = await Promise.all(Array.from({ length: 24 }, () => world.device()));
    for (const { tributary } of devices) tributary.start();
    for (const { tributary } of devices) expect(await tributary.finished).toMatchObject({ outcome: 'ended' });
    expect(devices.flatMap(({ errors }) => errors)).toEqual([]);
    const { items } = await devices[0].tributary.recommend({ count: 5 });
    expect(new Set(items.map(({ score }) => score)).size).toBeGreaterThan(1);
    const kept = await world.store.rounds(task, 100);
    return kept.map(({ outcome, contributions, engine }) => [outcome, contributions, engine]);
  }

  it('opens sums on it, and says so', async () => {
    const { engine } = await openGpu();
    world = await startWorld(document, 50, { engines: { engine, leastBytes: 0 } });
    expect(await rounds()).toEqual([
      ['closed', 24, 'webgpu'],
      ['closed', 24, 'webgpu'],
    ]);
    const health = (await (await fetch(`${world.url}/health`)).json()) as { engine: unknown };
    expect(health.engine).toEqual({ name: 'webgpu', device: engine.device });
    expect(world.failures).toEqual([]);
  });

  it('finishes a round in whose middle it is lost, and has it again for the next one', async () => {
    const lost = goingAway(await openGpu(), 7);
    world = await startWorld(document, 50, {
      engines: { engine: lost, leastBytes: 0, reopen: async () => (await openGpu()).engine },
    });
    // The latest first.
    expect(await rounds()).toEqual([
      ['closed', 24, 'webgpu'],
      ['closed', 24, 'cpu'],
    ]);
    expect(world.failures).toEqual([]);
  });
});
