import type { ItemEncodings, TextModel } from '@tributary/model';
import { describe, expect, it } from 'vitest';
import { alsModel, itemCount } from './fitted-person.cases.ts';
import { checkItemQuery, checkText } from './query.ts';
import { createItemSearch } from './search.ts';

const query = (of = {}) => checkItemQuery(of, 'search()');
const ids = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);

/** Encodes a text by the first number in it, as an angle: numbers near each other are alike. */
function angles(): TextModel & { readonly asked: string[] } {
  const asked: string[] = [];
  const angleOf = (text: string) => (Number(/\d+/.exec(text)?.[0] ?? 0) * Math.PI) / 40;
  return {
    asked,
    ...{ hash: 'a'.repeat(64), adapterHash: null, width: 2 },
    async encode(texts) {
      if (texts.some((text) => text.includes('unreadable'))) throw new Error('no');
      asked.push(...texts);
      return Float32Array.from(texts.flatMap((text) => [Math.cos(angleOf(text)), Math.sin(angleOf(text))]));
    },
    requiredBytes: ({ texts }) => 100 * texts,
    trainable: () => {
      throw new Error('Nothing trains here.');
    },
  };
}

describe('search by words', () => {
  const { search } = createItemSearch(undefined);
  const model = alsModel();

  it('finds words of title, attributes and description, and filters', async () => {
    expect(await search(model, 'DUEL', query())).toMatchObject({
      basis: 'words',
      items: [{ id: 'film-7', title: 'Film 7' }],
    });
    expect(ids((await search(model, 'film 12', query())).items)[0]).toBe('film-12');
    const filtered = await search(model, 'new', query({ attributes: ['western'], exclude: ['film-0'], count: 3 }));
    expect(ids(filtered.items).sort()).toEqual(['film-12', 'film-4', 'film-8']);
  });

  it('finds nothing for nothing', async () => {
    expect((await search(model, '  ', query())).items).toEqual([]);
    expect((await search(model, 'zebra', query())).items).toEqual([]);
  });
});

describe('search by an encoder', () => {
  const encodings: ItemEncodings = {
    width: 2,
    // The last row is the person's own text, which is no item.
    values: Float32Array.from({ length: 2 * (itemCount + 1) }, (_, at) => {
      const angle = (Math.floor(at / 2) * Math.PI) / 40;
      return at % 2 ? 5 * Math.sin(angle) : 5 * Math.cos(angle);
    }),
    source: 'a test',
  };

  it('finds what the text is nearest to, by the encodings that came with the model', async () => {
    const model = angles();
    const { search } = createItemSearch({ model });
    const { basis, items } = await search(alsModel(encodings), 'somewhere near 11', query({ count: 3 }));
    expect(basis).toBe('encoder');
    expect(ids(items)[0]).toBe('film-11');
    expect(ids(items).sort()).toEqual(['film-10', 'film-11', 'film-12']);
    expect(items[0].score).toBeCloseTo(1, 5);
    expect(model.asked).toEqual(['somewhere near 11']);
    expect(
      ids(await search(alsModel(encodings), '11', query({ attributes: ['new'] })).then(({ items }) => items)),
    ).toHaveLength(5);
  });

  it('encodes the items itself where the task reads no texts, and goes by words until it has', async () => {
    const model = angles();
    const { search, close } = createItemSearch({ model });
    const prepared = alsModel();
    expect((await search(prepared, '11', query())).basis).toBe('words');
    await expect.poll(async () => (await search(prepared, 'about 11', query())).basis).toBe('encoder');
    expect(ids((await search(prepared, 'about 11', query())).items)[0]).toBe('film-11');
    expect(model.asked.filter((text) => text.startsWith('Film'))).toHaveLength(itemCount);
    await close();
  });

  it('goes by words where the encoder would take more memory than it may, or nothing may run any more', async () => {
    const model = angles();
    const small = createItemSearch({ model, memoryBytes: 100 });
    const closed = createItemSearch({ model });
    await closed.close();
    for (const { search } of [small, closed]) expect((await search(alsModel(), '11', query())).basis).toBe('words');
    expect(model.asked).toEqual([]);
  });

  it('says that the encoder failed, not on what', async () => {
    const { search } = createItemSearch({ model: angles() });
    await expect(search(alsModel(encodings), 'unreadable', query())).rejects.toMatchObject({
      code: 'texts',
      message: expect.not.stringContaining('unreadable'),
    });
  });
});

describe('checkText', () => {
  it.each([[7], [undefined], ['x'.repeat(1001)]])('refuses %j', (text) => {
    expect(() => checkText(text, 'search() expects')).toThrow(expect.objectContaining({ code: 'invalid-option' }));
  });
});
