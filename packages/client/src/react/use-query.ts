/** A question to the instance, asked again when its answer may have changed. */
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import type { TributaryEventName } from '../sdk/events.ts';
import type { Tributary } from '../sdk/tributary.ts';
import { useProvided } from './context.ts';
import { createQueryStore, type Question, unanswered } from './query-store.ts';

export type QueryStatus = 'loading' | 'ready' | 'error';

export interface QueryResult<Value> {
  readonly value: Value | undefined;
  /** 'loading' until the question has an answer; an answer that is being renewed stays 'ready'. */
  readonly status: QueryStatus;
  readonly error: Error | null;
  /** Asks again; resolves when there is an answer. Never rejects. */
  readonly refresh: () => Promise<void>;
}

const whenItemsMove: readonly TributaryEventName[] = ['history', 'version'];

/**
 * @param question with one identity for as long as it means the same
 * @param earlier 'kept': the answer to the question before is shown while this one has none
 * @param renewOn events after which it is asked again; the same array in every render
 */
export function useQuery<Value>(
  user: string,
  question: Question<Tributary, Value>,
  earlier: 'kept' | 'dropped',
  renewOn = whenItemsMove,
): QueryResult<Value> {
  const { instance } = useProvided(user);
  const { client } = instance;
  const store = useMemo(() => createQueryStore<Tributary, Value>(client), [client]);
  const answer = useSyncExternalStore(store.subscribe, store.answer, () => unanswered);

  useEffect(() => {
    if (client === null) return;
    const ask = () => void store.ask(question);
    ask();
    const offs = [
      ...renewOn.map((name) => client.on(name, ask)),
      // A first model may be on its way; and of what was wiped nothing is shown.
      client.on('state', ({ state }) => {
        if (state === 'connecting' || state === 'stopped') ask();
      }),
    ];
    return () => {
      for (const off of offs) off();
      store.leave();
    };
  }, [client, store, question, renewOn]);

  const refresh = useCallback(() => store.ask(question), [store, question]);
  if (instance.status === 'error') return { value: undefined, status: 'error', error: instance.error, refresh };
  if (answer.to !== question) {
    return { value: earlier === 'kept' ? answer.value : undefined, status: 'loading', error: null, refresh };
  }
  return { value: answer.value, status: answer.error === null ? 'ready' : 'error', error: answer.error, refresh };
}

/** The first of the objects that mean the same, so that an object literal in a render asks once. */
export function useSameMeaning<Query extends object>(query: Query): Query {
  const text = JSON.stringify(query);
  return useMemo(() => JSON.parse(text) as Query, [text]);
}
