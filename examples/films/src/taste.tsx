/** What the person said of films: likes go into the device's own journal, what is not for them is left out of what is shown. */
import { useTrack, useTraining, useTributary } from '@tributary/client/react';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';

interface Taste {
  /** Ids, the latest first. */
  readonly liked: readonly string[];
  readonly notForMe: readonly string[];
  /** @param recommendationId where the film was recommended */
  readonly like: (filmId: string, recommendationId?: string) => void;
  readonly dismiss: (filmId: string) => void;
  /** Why the last like was not kept. */
  readonly problem: string | null;
}

const TasteContext = createContext<Taste | null>(null);

export function TasteProvider({ children }: { readonly children: ReactNode }) {
  const track = useTrack();
  const { client } = useTributary();
  const { events } = useTraining();
  const [liked, setLiked] = useState<readonly string[]>([]);
  const [notForMe, setNotForMe] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState<string | null>(null);

  // What the device has kept from earlier visits.
  useEffect(() => {
    let current = true;
    void client?.exportData().then(({ interactions }) => {
      const kept = interactions.map(({ itemId }) => itemId).reverse();
      if (current) setLiked((before) => [...new Set([...before, ...kept])]);
    });
    return () => {
      current = false;
    };
  }, [client]);

  // The person had the device forget it all.
  useEffect(() => {
    if (events === 0) setLiked([]);
  }, [events]);

  const like = useCallback(
    (filmId: string, recommendationId?: string) => {
      track({ type: 'like', itemId: filmId, ...(recommendationId === undefined ? {} : { recommendationId }) }).then(
        () => {
          setProblem(null);
          setLiked((before) => [filmId, ...before.filter((id) => id !== filmId)]);
        },
        (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
      );
    },
    [track],
  );
  const dismiss = useCallback((filmId: string) => setNotForMe((before) => [...before, filmId]), []);
  const taste = useMemo(() => ({ liked, notForMe, like, dismiss, problem }), [liked, notForMe, like, dismiss, problem]);
  return <TasteContext value={taste}>{children}</TasteContext>;
}

export function useTaste(): Taste {
  const taste = useContext(TasteContext);
  if (taste === null) throw new Error('useTaste() was used outside of <TasteProvider>.');
  return taste;
}
