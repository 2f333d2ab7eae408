/** What the person said of films: likes go into the device's own journal, what is not for them is left out of what is shown. */
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { HistoryProvider, usePersonalHistory } from './history.tsx';

interface Taste {
  /** Ids, the latest first. */
  readonly liked: readonly string[];
  readonly notForMe: readonly string[];
  /** @param recommendationId where the film was recommended */
  readonly like: (filmId: string, recommendationId?: string) => void;
  readonly dismiss: (filmId: string) => void;
}

const TasteContext = createContext<Taste | null>(null);

export function TasteProvider({ children }: { readonly children: ReactNode }) {
  return (
    <HistoryProvider type="like">
      <LikesAndDislikes>{children}</LikesAndDislikes>
    </HistoryProvider>
  );
}

function LikesAndDislikes({ children }: { readonly children: ReactNode }) {
  const { itemIds: liked, add: like } = usePersonalHistory();
  const [notForMe, setNotForMe] = useState<readonly string[]>([]);
  const dismiss = useCallback((filmId: string) => setNotForMe((before) => [...before, filmId]), []);
  const taste = useMemo(() => ({ liked, notForMe, like, dismiss }), [liked, notForMe, like, dismiss]);
  return <TasteContext value={taste}>{children}</TasteContext>;
}

export function useTaste(): Taste {
  const taste = useContext(TasteContext);
  if (taste === null) throw new Error('useTaste() was used outside of <TasteProvider>.');
  return taste;
}
