import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { historyOf, type Interactions } from './dataset.ts';
import { interactionRows } from './interactions.ts';
import { splitLeaveLastOneOut } from './split.ts';

const histories = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 29 }), { maxLength: 12 }), {
  minLength: 1,
  maxLength: 12,
});

function interactionsOf(users: readonly (readonly number[])[]): Interactions {
  const rows = interactionRows();
  for (const [user, items] of users.entries()) for (const [time, item] of items.entries()) rows.add(user, item, time);
  return rows.compress(users.length, 30);
}

describe('interactionRows', () => {
  it('compress rows in any order to what sorting gives, of a repeated pair the latest', () => {
    const row = fc.tuple(
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0, max: 5 }),
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 80 }), (given) => {
        const rows = interactionRows();
        for (const [user, item, time] of given) rows.add(user, item, time);
        const interactions = rows.compress(5, 10);
        for (let user = 0; user < 5; user++) {
          const ordered = given.filter((entry) => entry[0] === user).sort((a, b) => a[2] - b[2]);
          const expected = ordered.map((entry) => entry[1]).filter((item, i, all) => all.lastIndexOf(item) === i);
          expect([...historyOf(interactions, user)]).toEqual(expected);
        }
      }),
    );
  });
});

describe('splitLeaveLastOneOut', () => {
  it('holds out the last and the last but one, and trains on the validation item only for testing', () => {
    fc.assert(
      fc.property(histories, (users) => {
        const dataset = { name: 'generated', interactions: interactionsOf(users) };
        const forTest = splitLeaveLastOneOut(dataset, { seed: 1, negatives: 5 });
        const forValidation = splitLeaveLastOneOut(dataset, { seed: 1, negatives: 5, purpose: 'validation' });
        for (const [user, items] of users.entries()) {
          const enough = items.length >= 3;
          expect(forTest.test[user]).toBe(enough ? items.at(-1) : -1);
          expect(forTest.validation[user]).toBe(enough ? items.at(-2) : -1);
          expect([...historyOf(forTest.train, user)]).toEqual(enough ? items.slice(0, -1) : items);
          expect([...historyOf(forValidation.train, user)]).toEqual(enough ? items.slice(0, -2) : items);
        }
        const { purpose: a, train: b, ...rest } = forTest;
        const { purpose: c, train: d, ...others } = forValidation;
        expect([a, c]).toEqual(['test', 'validation']);
        expect(rest).toEqual(others);
        expect(b.itemCount).toBe(d.itemCount);
      }),
    );
  });

  it('draws negatives that the user never had, for validation without a look at the test item', () => {
    const users = Array.from({ length: 40 }, (_, user) => Array.from({ length: 20 }, (_, i) => (user + i) % 30));
    const split = splitLeaveLastOneOut({ name: 'x', interactions: interactionsOf(users) }, { seed: 3, negatives: 8 });
    let testItemAmongValidationNegatives = 0;
    for (const [user, items] of users.entries()) {
      const own = (all: Uint32Array) => [...all.subarray(user * 8, user * 8 + 8)];
      expect(own(split.testNegatives).some((item) => items.includes(item))).toBe(false);
      expect(own(split.validationNegatives).some((item) => items.slice(0, -1).includes(item))).toBe(false);
      testItemAmongValidationNegatives += +own(split.validationNegatives).includes(split.test[user]);
    }
    // Eight of eleven unseen items: expected in 29 of 40 rows, absent from all with probability below 1e-20.
    expect(testItemAmongValidationNegatives).toBeGreaterThan(0);
  });

  it('depends on the seed only in its negatives', () => {
    const dataset = {
      name: 'x',
      interactions: interactionsOf([
        [1, 2, 3, 4],
        [5, 6, 7],
      ]),
    };
    const [a, b, c] = [1, 1, 2].map((seed) => splitLeaveLastOneOut(dataset, { seed, negatives: 9 }));
    expect(a).toEqual(b);
    expect(a.testNegatives).not.toEqual(c.testNegatives);
    expect(a.train).toEqual(c.train);
  });
});
