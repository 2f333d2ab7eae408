/** How often advertisements may be shown to one person. Pure: what was shown, and when, comes from the caller. */

/** One showing of one advertisement. */
export interface Impression {
  readonly itemId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of the visit that it was shown in. */
  readonly session: string;
}

export interface FrequencyCap {
  /** Most showings in one visit, of all advertisements together. */
  readonly perSession: number;
  /** Most showings of one advertisement within the window. */
  readonly perItem: number;
  /** [ms] */
  readonly windowMilliseconds: number;
}

export interface Moment {
  readonly now: number;
  readonly session: string;
}

/** Showings that still count. One from ahead of the clock, which was set back, counts until the window after it is over. */
export function remembered(
  impressions: readonly Impression[],
  { windowMilliseconds }: FrequencyCap,
  { now, session }: Moment,
): readonly Impression[] {
  return impressions.filter((each) => each.session === session || now - each.at < windowMilliseconds);
}

/**
 * What to show of the candidates, in their order: none that was shown too often within the window, and no more than the visit has left.
 * @param candidates ids, best first, without repetition
 */
export function allowed(
  candidates: readonly string[],
  impressions: readonly Impression[],
  { perSession, perItem, windowMilliseconds }: FrequencyCap,
  { now, session }: Moment,
): readonly string[] {
  const left = perSession - impressions.filter((each) => each.session === session).length;
  const shown = (id: string) =>
    impressions.filter(({ itemId, at }) => itemId === id && now - at < windowMilliseconds).length;
  return candidates.filter((id) => shown(id) < perItem).slice(0, Math.max(0, left));
}
