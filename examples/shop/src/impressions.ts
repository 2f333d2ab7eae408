/** The count of showings, kept in this browser alone. */
import type { Impression } from './frequency-cap.ts';

const impressionsKey = 'shop-impressions';
const sessionKey = 'shop-session';

/** Of this tab, until it is closed: a reload is the same visit. */
export function currentSession(): string {
  const known = sessionStorage.getItem(sessionKey);
  if (known !== null) return known;
  const made = crypto.randomUUID();
  sessionStorage.setItem(sessionKey, made);
  return made;
}

export function readImpressions(): readonly Impression[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(impressionsKey) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isImpression) : [];
  } catch {
    // Something else was written there: as good as nothing.
    return [];
  }
}

export function writeImpressions(impressions: readonly Impression[]): void {
  localStorage.setItem(impressionsKey, JSON.stringify(impressions));
}

function isImpression(value: unknown): value is Impression {
  const { itemId, at, session } = (value ?? {}) as Record<string, unknown>;
  return typeof itemId === 'string' && typeof at === 'number' && typeof session === 'string';
}
