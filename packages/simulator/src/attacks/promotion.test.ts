import { type BoundRecommender, historyOf, seededRandom } from '@tributary/model';
import { splitLeaveLastOneOut, syntheticCatalogue } from '@tributary/model/data';
import { describe, expect, it } from 'vitest';
import { drawDishonest, leastPopularItem, targetHitRate, withTarget } from './promotion.ts';

const dataset = syntheticCatalogue({ users: 20, items: 30, interactionsPerUser: 8, seed: 2 });
const split = splitLeaveLastOneOut(dataset, { negatives: 5, seed: 2 });

describe('dishonest devices that push an item', () => {
  it('are drawn by their share, and those of a small share are among those of a larger one', () => {
    const drawn = [0, 0.1, 0.5].map((fraction) => drawDishonest(20, fraction, seededRandom(3)));
    expect(drawn.map(({ length }) => length)).toEqual([0, 2, 10]);
    for (const user of drawn[1]) expect(drawn[2]).toContain(user);
    expect(() => drawDishonest(20, 1, seededRandom(3))).toThrow(/from 0 to below 1/);
  });

  it('have the target beside what they have, not as their latest, and hold nothing out', () => {
    const target = leastPopularItem(split);
    const owners = (item: number) => [...split.train.items].filter((other) => other === item).length;
    for (let item = 0; item < 30; item++) expect(owners(target)).toBeLessThanOrEqual(owners(item));
    const pushed = withTarget(split, [4, 7], target);
    for (let user = 0; user < 20; user++) {
      const [before, after] = [split, pushed].map(({ train }) => [...historyOf(train, user)]);
      const dishonest = user === 4 || user === 7;
      expect(pushed.test[user]).toBe(dishonest ? -1 : split.test[user]);
      if (!dishonest) expect(after).toEqual(before);
      else expect(after.filter((item) => item !== target || before.includes(item))).toEqual(before);
      if (dishonest) {
        expect(after).toContain(target);
        if (!before.includes(target)) expect(after.at(-1)).toBe(before.at(-1));
      }
    }
  });

  it('have won whom the target is among the best for, of those who do not have it', () => {
    const scored = Float32Array.from({ length: 30 }, (_, item) => 30 - item);
    const bound = {
      fitPrivateState: () => ({ vector: new Float32Array(0) }),
      score(_: unknown, out: Float32Array) {
        out.set(scored);
        return out;
      },
    } as unknown as BoundRecommender;
    const users = Array.from({ length: 20 }, (_, user) => user);
    for (const target of [0, 9, 12, 29]) {
      const without = users.filter((user) => !historyOf(split.train, user).includes(target));
      const found = without.filter((user) => {
        const unseen = Array.from({ length: 30 }, (_, item) => item).filter(
          (item) => !historyOf(split.train, user).includes(item),
        );
        return unseen.slice(0, 10).includes(target);
      });
      const rate = targetHitRate(bound, split, users, target, () => seededRandom(1));
      expect(rate).toBeCloseTo(found.length / without.length, 12);
    }
    scored.fill(1);
    expect(targetHitRate(bound, split, users, 0, () => seededRandom(1))).toBe(0);
  });
});
