/**
 * Consent, versioned and revocable. Before the first grant nothing is sent: not even a connection is opened. A decision is
 * kept across restarts and outranks the option of the next start, so that a person who declined is not asked, or enrolled,
 * again by a restart.
 */
import { TributaryError } from '../errors/tributary-error.ts';
import type { Storage } from '../storage/storage.ts';

/** 'denied': declined, or withdrawn. */
export type ConsentStatus = 'pending' | 'granted' | 'denied';

/** The person's decision on taking part. Before the first grant nothing is sent, not even a connection is opened. */
export interface Consent {
  readonly status: ConsentStatus;
  /** Version of the text that the decision is about. */
  readonly version: string;
  /** Agrees to take part in training. The decision is durable before the first connection is opened. */
  grant(): Promise<void>;
  /** Withdraws; whatever is being sent stops at once. What was summed into a model before stays there. */
  revoke(): Promise<void>;
}

/** Consent that another tab may decide on. */
export interface StoredConsent extends Consent {
  /** Takes the decision that is stored. */
  reload(): Promise<void>;
}

/**
 * @param initial what holds while the person has made no decision on this version: 'pending', 'denied', or 'granted' when the
 * host app has asked by its own means
 * @param version version of the text that the person is shown; a decision to grant an older version counts as pending,
 * a decision to decline keeps standing
 * @param onChange called after every change, before `grant` or `revoke` resolves
 */
export async function openConsent(options: {
  readonly storage: Storage;
  readonly initial: ConsentStatus;
  readonly version: string;
  readonly onChange: (status: ConsentStatus) => void;
  /** Aggregation plans that the person is asked to agree to; a decision that did not name one of them counts as pending. */
  readonly plans?: readonly string[];
  readonly now?: () => number;
}): Promise<StoredConsent> {
  const { storage, initial, version, onChange, plans = [], now = Date.now } = options;
  const record = await storage.readRecord('consent');
  let status = startingStatus(record, initial, version, plans);
  // A host that has asked by its own means: its answer is a decision like any other.
  if (
    status !== 'pending' &&
    (record?.status !== status || (status === 'granted' && !covers(record, version, plans)))
  ) {
    await decide(status);
  }

  async function decide(decision: 'granted' | 'denied'): Promise<void> {
    await storage.writeRecord('consent', { status: decision, version, at: now(), plans });
  }

  let last: Promise<void> = Promise.resolve();
  let decisions = 0;
  function change(decision: 'granted' | 'denied'): Promise<void> {
    // A withdrawal takes effect before it is on disk; a grant only after, and not when it was withdrawn meanwhile.
    if (decision === 'denied') set('denied');
    const mine = ++decisions;
    const done = last.then(async () => {
      await decide(decision);
      if (decision === 'granted' && mine === decisions) set('granted');
    });
    last = done.catch(() => {});
    return done;
  }

  function set(next: ConsentStatus): void {
    if (next === status) return;
    status = next;
    onChange(status);
  }

  return {
    get status() {
      return status;
    },
    version,
    grant: () => change('granted'),
    revoke: () => change('denied'),
    async reload() {
      const before = decisions;
      const stored = await storage.readRecord('consent');
      // A decision that was made here meanwhile is the later one.
      if (stored !== null && before === decisions) set(startingStatus(stored, initial, version, plans));
    },
  };
}

function startingStatus(
  record: { status: 'granted' | 'denied'; version: string; plans?: readonly string[] } | null,
  initial: ConsentStatus,
  version: string,
  plans: readonly string[],
): ConsentStatus {
  if (record === null) return initial;
  if (record.status === 'denied') return 'denied';
  return covers(record, version, plans) ? 'granted' : initial;
}

/** Whether a decision is about this text and these plans: agreeing to `secure` is not agreeing to `sealed`. */
function covers(
  record: { version: string; plans?: readonly string[] } | null,
  version: string,
  plans: readonly string[],
): boolean {
  return record?.version === version && plans.every((plan) => record.plans?.includes(plan));
}

/** @throws TributaryError 'invalid-option' */
export function checkConsentOption(value: unknown): ConsentStatus {
  if (value === undefined) return 'pending';
  if (value === 'pending' || value === 'granted' || value === 'denied') return value;
  throw new TributaryError('invalid-option', "consent must be 'pending', 'granted' or 'denied'.");
}
