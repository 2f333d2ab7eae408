/** What the person did with items of the catalogue, from the device's own journal. */
import { useTrack, useTraining, useTributary } from '@tributary/client/react';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';

interface PersonalHistory {
  /** Ids, the latest first. */
  readonly itemIds: readonly string[];
  /** @param recommendationId where the item was recommended */
  readonly add: (itemId: string, recommendationId?: string) => void;
  /** Why the last event was not kept. */
  readonly problem: string | null;
}

const HistoryContext = createContext<PersonalHistory | null>(null);

/** @param type of the events that are tracked, such as 'like' */
export function HistoryProvider({ type, children }: { readonly type: string; readonly children: ReactNode }) {
  const track = useTrack();
  const { client } = useTributary();
  const { events } = useTraining();
  const [itemIds, setItemIds] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState<string | null>(null);

  // What the device has kept from earlier visits.
  useEffect(() => {
    let current = true;
    void client?.exportData().then(({ interactions }) => {
      const kept = interactions.map(({ itemId }) => itemId).reverse();
      if (current) setItemIds((before) => [...new Set([...before, ...kept])]);
    });
    return () => {
      current = false;
    };
  }, [client]);

  // The person had the device forget it all.
  useEffect(() => {
    if (events === 0) setItemIds([]);
  }, [events]);

  const add = useCallback(
    (itemId: string, recommendationId?: string) => {
      track({ type, itemId, ...(recommendationId === undefined ? {} : { recommendationId }) }).then(
        () => {
          setProblem(null);
          setItemIds((before) => [itemId, ...before.filter((id) => id !== itemId)]);
        },
        (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
      );
    },
    [track, type],
  );
  const history = useMemo(() => ({ itemIds, add, problem }), [itemIds, add, problem]);
  return <HistoryContext value={history}>{children}</HistoryContext>;
}

export function usePersonalHistory(): PersonalHistory {
  const history = useContext(HistoryContext);
  if (history === null) throw new Error('usePersonalHistory() was used outside of <HistoryProvider>.');
  return history;
}

/** Said where an event was not kept. */
export function HistoryProblem() {
  const { problem } = usePersonalHistory();
  return problem === null ? null : (
    <p className="problem" role="alert">
      {problem}
    </p>
  );
}
