import { describe, expect, it } from 'vitest';
import { alsModel, genreOf } from './fitted-person.cases.ts';
import { checkItemQuery } from './query.ts';
import { similarItems } from './similar.ts';

const model = alsModel();
const similar = (id: string, query = {}) => similarItems(model, id, checkItemQuery(query, 'similar()'));

describe('similarItems', () => {
  it('finds what the same people like, and not the item itself', () => {
    const items = similar('film-3', { count: 9 });
    expect(items.map(({ id }) => genreOf(Number(id.slice(5))))).toEqual(Array(9).fill('musical'));
    expect(items.map(({ id }) => id)).not.toContain('film-3');
    expect(items[0].score).toBeLessThanOrEqual(1.000001);
    expect(items[8].score).toBeGreaterThan(0.3);
  });

  it('filters as recommendations do', () => {
    const items = similar('film-3', { attributes: ['new'], exclude: ['film-4'] });
    expect(items.map(({ id }) => id).sort()).toEqual(['film-0', 'film-12', 'film-16', 'film-8']);
  });

  it('knows no items but those of the catalogue, and does not repeat what it was asked', () => {
    expect(() => similar('secret-item')).toThrow(
      expect.objectContaining({ code: 'unknown-item', message: expect.not.stringContaining('secret') }),
    );
  });
});
