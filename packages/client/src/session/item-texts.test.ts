import type { EncodingsCache, LoraDescription, OnDeviceSpecification, TextModel } from '@tributary/model';
import type { TaskSummary } from '@tributary/protocol';
import { describe, expect, it } from 'vitest';
import { parseCatalogue } from '../recommend/catalogue.ts';
import { createItemTexts, type TextOptions } from './item-texts.ts';

const width = 2;
const hash = 'a'.repeat(64);
const items = ['a', 'b', 'c'].map((id) => ({ id, title: `Title ${id}`, attributes: [], description: '' }));
const catalogue = parseCatalogue(new TextEncoder().encode(JSON.stringify(items)), items.length);
const adapter = {
  rank: 1,
  alpha: 1,
  targets: ['query'],
  lastLayers: null,
  frozenA: true,
  size: 1,
  rate: 1,
  texts: 2,
} as const;

/** Encodes a text as its length, and what it was asked for. */
function countingModel(): { readonly model: TextModel; readonly asked: string[]; readonly adapted: string[][] } {
  const asked: string[] = [];
  const adapted: string[][] = [];
  const encodingOf = (texts: readonly string[]) => Float32Array.from(texts.flatMap((text) => [text.length, 1]));
  const model: TextModel = {
    hash,
    adapterHash: null,
    width,
    encode: async (texts) => {
      asked.push(...texts);
      return encodingOf(texts);
    },
    requiredBytes: ({ training, texts }) => (training ? 1000 : 100) + texts,
    trainable: (texts, _adapter: LoraDescription) => {
      adapted.push([...texts]);
      return {
        width,
        texts: texts.length,
        adapterTensors: [{ name: 'x', shape: [1] }],
        initialAdapter: () => new Float32Array(1),
        encode: (_parameters, rows) => encodingOf(Array.from(rows ?? texts.keys(), (row) => texts[row])),
        gradient: () => new Float32Array(1),
      };
    },
  };
  return { model, asked, adapted };
}

const specification = (plan: 'cheap' | 'full'): OnDeviceSpecification => ({
  kind: 'hybrid',
  plan,
  itemCount: items.length,
  dimension: 2,
  initialScale: 0.1,
  features: { text: true, attributes: false },
  textWidth: width,
  scorer: { kind: 'dot' },
  local: {
    ...{ epochs: 1, reconstructionEpochs: 1, batchSize: 1, learningRate: 1, privateLearningRate: 1 },
    ...{ negativesPerPositive: 1, regularisation: 0 },
  },
  fusionRate: 1,
  adapter: plan === 'full' ? adapter : null,
  groupScales: { rows: 1, fusion: 1, adapter: 1 },
  groupClip: null,
});

/** What of a summary texts depend on. */
function summaryOf(plan: 'cheap' | 'full', change: Partial<TaskSummary> = {}): TaskSummary {
  const { itemCount: _count, local, adapter: of, ...model } = specification(plan);
  return {
    task: 'shop',
    catalogueHash: 'c'.repeat(64),
    model: { ...model, encoder: hash, ...(of ? { adapter: of } : {}) },
    training: { local },
    privacyPlan: 'secure',
    noise: { placement: 'distributed', budget: 8, delta: 1e-6, participations: 1 },
    ...change,
  } as unknown as TaskSummary;
}

/** A clock that moves on by `milliseconds` whenever it is read. */
function clock(milliseconds: number): () => number {
  let time = 0;
  return () => {
    time += milliseconds;
    return time;
  };
}

const read = (texts: TextOptions | undefined, plan: 'cheap' | 'full', summary = summaryOf(plan), perRead = 10) =>
  createItemTexts(texts, clock(perRead)).read(specification(plan), summary, catalogue);

describe('texts of a device', () => {
  it('are encoded once for all versions, and not at all for tasks that read none', async () => {
    const { model, asked } = countingModel();
    const texts = createItemTexts({ model }, clock(1));
    for (let version = 0; version < 3; version++)
      await texts.read(specification('cheap'), summaryOf('cheap'), catalogue);
    expect(asked).toHaveLength(items.length);
    const plain = {
      kind: 'matrix-factorisation',
      itemCount: 3,
      dimension: 2,
      initialScale: 1,
      local: specification('cheap').local,
      backend: 'fused',
    } as const;
    expect(await createItemTexts(undefined, clock(1)).read(plain, summaryOf('cheap'), catalogue)).toEqual({});
  });

  it("keep a person's own words out of every cache, and give them the row after the items'", async () => {
    const { model, adapted } = countingModel();
    const kept = new Map<string, Float32Array>();
    const cache: EncodingsCache = {
      get: async (key) => kept.get(key) ?? null,
      set: async (key, vector) => void kept.set(key, vector),
    };
    const own = 'nobody else says this';
    const texts = createItemTexts({ model, own, cache }, clock(1));
    const { encodings } = await texts.read(specification('full'), summaryOf('full'), catalogue);
    expect(texts.ownRow(specification('full'))).toBe(items.length);
    expect(kept.size).toBe(items.length);
    expect([...kept.values()].some(([length]) => length === own.length)).toBe(false);
    expect(encodings?.values.slice(-width)).toEqual(Float32Array.of(own.length, 1));
    expect(adapted[0].at(-1)).toBe(own);
  });

  it.each([
    ['sealed', { privacyPlan: 'sealed' as const }],
    ['without noise', { noise: null }],
    [
      'with noise of the coordinator',
      { noise: { placement: 'central', budget: 8, delta: 1e-6, participations: 1 } as const },
    ],
  ])('refuse own words in a task %s, whose sums could tell them', async (_, change) => {
    const { model, asked } = countingModel();
    const refused = read({ model, own: 'mine' }, 'cheap', summaryOf('cheap', change));
    await expect(refused).rejects.toMatchObject({
      code: 'texts',
      message: expect.stringMatching(/Leave texts\.own out/),
    });
    expect(asked).toEqual([]);
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringMatching(/mine/) });
  });

  it('train the adapter where the device is fast enough and has the memory, else all but that', async () => {
    const { model } = countingModel();
    // Three texts in 10 ms; the task asks for two.
    expect(await read({ model }, 'full')).toMatchObject({ trainsAdapter: true });
    expect(await read({ model, adapterSeconds: 0.001 }, 'full')).toMatchObject({ trainsAdapter: false });
    expect(await read({ model }, 'full', summaryOf('full'), 60_000)).toMatchObject({ trainsAdapter: false });
    expect(await read({ model, memoryBytes: 500 }, 'full')).toMatchObject({ trainsAdapter: false });
  });

  it('refuse what cannot be mended by trying again, and say what was expected', async () => {
    const { model } = countingModel();
    const wrong: readonly [TextOptions | undefined, RegExp][] = [
      [undefined, /reads texts by the encoder a{64}/],
      [{ model: { ...model, hash: 'b'.repeat(64) } }, /expects a{64} and 2/],
      [{ model, memoryBytes: 10 }, /10 bytes of memory, the cheap plan needs 103/],
      [
        {
          model: {
            ...model,
            trainable: () => {
              throw new TypeError('no such layer');
            },
          },
        },
        /no such layer/,
      ],
    ];
    for (const [texts, message] of wrong) {
      await expect(read(texts, 'full')).rejects.toMatchObject({
        code: 'texts',
        message: expect.stringMatching(message),
      });
    }
  });

  it('share what is bound to a version only with instances of the same encoder and limits', () => {
    const { model } = countingModel();
    const of = (texts?: TextOptions) => createItemTexts(texts, clock(1)).sharedBy;
    expect(of({ model })).toBe(of({ model: { ...model } }));
    expect(new Set([of(), of({ model }), of({ model, adapterSeconds: 0 }), of({ model, memoryBytes: 1 })]).size).toBe(
      4,
    );
  });
});
