/** Ten thousand drawn sums, on every engine that is here, against plain TypeScript. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, it } from 'vitest';
import { openCpuEngine } from './cpu/cpu-engine.ts';
import { type Addition, addTo, expectedSum, expectSame, packedOf, seedOf } from './drawn-sums.cases.ts';
import type { AggregationEngine, SumSection } from './engine.ts';
import { openAnyDevice } from './webgpu/software-vulkan.cases.ts';
import { webgpuEngine } from './webgpu/webgpu-engine.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const device = await openAnyDevice();
const engines: readonly AggregationEngine[] = [
  openCpuEngine(),
  openCpuEngine({ threads: 0 }),
  ...('missing' in device ? [] : [webgpuEngine(device)]),
];
const absent = 'missing' in device ? `; webgpu did not: ${device.missing}` : '';
console.log(`took part: ${engines.map(({ name, device: on }) => `${name} (${on})`).join(', ')}${absent}`);
afterAll(async () => {
  for (const engine of engines) await engine.close();
});

/** Drawn, and the same in every run (mulberry32). */
function draws(from: number): (below: number) => number {
  let state = from >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) % below;
  };
}

const casesOfShape = 25;
/** Lengths that are none, one, or around whole blocks and groups, and others. */
const edges = [0, 1, 2, 3, 15, 16, 17, 63, 64, 65, 127, 128, 129, 255, 257, 1023, 1025];

function shapeOf(bits: number, draw: (below: number) => number): SumSection[] {
  const lengthOf = () => (draw(2) === 0 ? edges[draw(edges.length)] : draw(600));
  const second = { length: lengthOf(), bits: 8 + draw(25) };
  return [{ length: lengthOf(), bits }, ...(draw(3) === 0 ? [second] : [])];
}

function additionsOf(draw: (below: number) => number): Addition[] {
  return Array.from({ length: draw(4) }, (): Addition => {
    const from = draw(2 ** 31);
    return draw(3) === 0 ? { kind: 'packed', from } : { kind: 'keystream', from, sign: draw(2) === 0 ? 1 : -1 };
  });
}

/** In another order than they were drawn in. */
function shuffled(additions: readonly Addition[], draw: (below: number) => number): Addition[] {
  const order = [...additions];
  for (let i = order.length - 1; i > 0; i--) {
    const j = draw(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

describe('all engines', () => {
  // 25 widths x 400 sums.
  it.each(Array.from({ length: 25 }, (_, i) => 8 + i))(
    'give the same 400 sums at the width of %i bits',
    async (bits) => {
      const draw = draws(bits);
      for (let shape = 0; shape < 400 / casesOfShape; shape++) {
        const sections = shapeOf(bits, draw);
        const sums = await Promise.all(engines.map((engine) => engine.openModularSum(sections)));
        for (let each = 0; each < casesOfShape; each++) {
          const additions = additionsOf(draw);
          const expected = expectedSum(sections, additions);
          for (const sum of sums) {
            await addTo(sum, shuffled(additions, draw));
            expectSame(await sum.finish(), expected);
            sum.reset();
          }
        }
        await Promise.all(sums.map((sum) => sum.close()));
      }
    },
  );

  it('give the same sum of ten million elements', async () => {
    const sections = [{ length: 10_000_000, bits: 20 }];
    const additions: Addition[] = [
      { kind: 'packed', from: 1 },
      { kind: 'keystream', from: 2, sign: -1 },
      { kind: 'keystream', from: 3, sign: 1 },
    ];
    const expected = expectedSum(sections, additions);
    for (const engine of engines) {
      const sum = await engine.openModularSum(sections);
      await addTo(sum, additions);
      const [values] = await sum.finish();
      expect(Buffer.compare(Buffer.from(values.buffer), Buffer.from(expected[0].buffer))).toBe(0);
      await sum.close();
    }
  });
});

describe('a thousand rounds', () => {
  it.each(engines.map((engine) => [`${engine.name} (${engine.device})`, engine] as const))(
    'leave no memory behind on %s',
    async (_, engine) => {
      const sections = [{ length: 60_000, bits: 20 }];
      const additions: Addition[] = [
        { kind: 'packed', from: 1 },
        { kind: 'keystream', from: 2, sign: 1 },
        { kind: 'keystream', from: 3, sign: -1 },
      ];
      const expected = expectedSum(sections, additions);
      const [packed] = [packedOf(sections, 1)];
      const held = async () => {
        // Twice: what a finaliser lets go of is collected by the second.
        for (let turn = 0; turn < 2; turn++) {
          collectGarbage();
          await new Promise(setImmediate);
        }
        return process.memoryUsage().rss;
      };
      let settled = 0;
      for (let round = 0; round < 1000; round++) {
        // Sums of their own, as tasks that come and go have them.
        const sum = await engine.openModularSum(sections);
        sum.addPacked(packed);
        await sum.addKeystream(seedOf(2), 1);
        await sum.addKeystream(seedOf(3), -1);
        const values = await sum.finish();
        if (round % 250 === 0) expectSame(values, expected);
        await sum.close();
        if (round === 300) settled = await held();
      }
      // 240 kB a sum and more: what 700 of them would leave behind is 168 MB at least. Garbage goes up and down by 16 MB or two times that.
      expect((await held()) - settled).toBeLessThan(80e6);
    },
  );
});
