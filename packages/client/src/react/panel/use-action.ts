/** One action of the panel at a time, and what came of the last one. */
import { useRef, useState } from 'react';

export type Outcome = { readonly kind: 'done' | 'failed'; readonly text: string } | null;

export interface Action {
  readonly busy: boolean;
  readonly outcome: Outcome;
  /** Does nothing while another one is on its way. Never rejects. */
  readonly run: (work: () => Promise<string>) => Promise<void>;
}

/** @param failed says that something did not work, and why */
export function useAction(failed: (reason: string) => string): Action {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>(null);
  const running = useRef(false);
  async function run(work: () => Promise<string>): Promise<void> {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setOutcome(null);
    try {
      setOutcome({ kind: 'done', text: await work() });
    } catch (error) {
      setOutcome({ kind: 'failed', text: failed(error instanceof Error ? error.message : String(error)) });
    }
    running.current = false;
    setBusy(false);
  }
  return { busy, outcome, run };
}
