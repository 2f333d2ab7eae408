import { describe, expect, it } from 'vitest';
import { createQueryStore } from './query-store.ts';

/** A question that is answered by hand, as often as it is asked. */
function byHand() {
  const pending: { answer: (value: string) => void; fail: (error: Error) => void }[] = [];
  const question = (_client: object) =>
    new Promise<string>((answer, fail) => {
      pending.push({ answer, fail });
    });
  return { pending, question };
}

const client = {};

describe('a query store', () => {
  it('drops the answer to an earlier question, whichever comes first', async () => {
    const store = createQueryStore<object, string>(client);
    const early = byHand();
    const late = byHand();
    const first = store.ask(early.question);
    const second = store.ask(late.question);
    late.pending[0].answer('late');
    await second;
    early.pending[0].answer('early');
    await first;
    expect(store.answer()).toEqual({ to: late.question, value: 'late', error: null });
  });

  it('asks once more, not a hundred times, what was asked a hundred times meanwhile', async () => {
    const store = createQueryStore<object, string>(client);
    const { pending, question } = byHand();
    const done = Promise.all(Array.from({ length: 100 }, () => store.ask(question)));
    pending[0].answer('old');
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(pending).toHaveLength(2);
    pending[1].answer('new');
    await done;
    expect(store.answer().value).toBe('new');
    expect(pending).toHaveLength(2);
  });

  it('keeps an answer while it is renewed, and takes an error back while it is asked again', async () => {
    const store = createQueryStore<object, string>(client);
    const { pending, question } = byHand();
    const ask = () => {
      const done = store.ask(question);
      return { done, hand: pending[pending.length - 1] };
    };
    const first = ask();
    first.hand.answer('a');
    await first.done;
    const second = ask();
    expect(store.answer().value).toBe('a');
    second.hand.fail(new Error('no model'));
    await second.done;
    expect(store.answer()).toMatchObject({ to: question, value: undefined, error: { message: 'no model' } });
    const third = ask();
    expect(store.answer().to).toBeNull();
    third.hand.answer('b');
    await third.done;
    expect(store.answer()).toEqual({ to: question, value: 'b', error: null });
  });

  it('publishes nothing after it was left', async () => {
    const store = createQueryStore<object, string>(client);
    let changes = 0;
    store.subscribe(() => changes++);
    const { pending, question } = byHand();
    const done = store.ask(question);
    store.leave();
    pending[0].answer('a');
    await done;
    expect(store.answer().to).toBeNull();
    expect(changes).toBe(0);
  });
});
