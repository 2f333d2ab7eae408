/**
 * Entries of the privacy ledger: append-only, hash-chained, signed by the coordinator, one chain per population. They hold
 * events, from which anybody can recompute every epsilon; they never hold an identity.
 */
import {
  type AccountantKind,
  type MechanismEvent,
  type NeighbourRelation,
  participationOf,
  type SamplingAssumption,
} from '../accounting/event.ts';
import { f64le, frame, u64le, utf8 } from '../bytes/frame.ts';
import { bytesToHex, hexToBytes } from '../bytes/hex.ts';
import { sha256 } from '../hash/index.ts';
import { type Identity, sign } from '../identity/identity.ts';

/** What was, or would have been, released. */
export interface Charge {
  readonly event: MechanismEvent;
  /** L2 sensitivity of the sum to one user, add or remove, in its own units: the clip norm, and what rounding adds to it. */
  readonly sensitivity: number;
  /** Contributions in the sum, rounded to ten. */
  readonly roundedCount: number;
  readonly minimumCount: number;
  /** For display; an auditor recomputes them. */
  readonly epsilonBefore: number;
  readonly epsilonAfter: number;
}

/** What an entry belongs to. */
export interface LedgerSubject {
  readonly task: string;
  readonly round: number;
  /** Hash of the model version that the round started from, in hex. */
  readonly modelVersion: string;
  /** Hash of the round's description, in hex. */
  readonly roundHash: string;
}

export type LedgerBody =
  /** The first entry: the population's budget. */
  | {
      readonly kind: 'open';
      readonly budget: number;
      readonly delta: number;
      readonly accountant: AccountantKind;
      readonly relation: NeighbourRelation;
    }
  /** Written before the release that it pays for. */
  | ({ readonly kind: 'charge'; readonly subject: LedgerSubject } & Charge)
  | { readonly kind: 'released'; readonly subject: LedgerSubject; readonly published: string }
  /** A charge whose release did not happen: the charge stays, somebody may have seen the sum. */
  | { readonly kind: 'abandoned'; readonly subject: LedgerSubject; readonly reason: string }
  /** A release that would have passed the budget and did not happen. */
  | ({ readonly kind: 'refused'; readonly subject: LedgerSubject } & Charge)
  | { readonly kind: 'close'; readonly reason: string };

export interface LedgerEntry {
  readonly population: string;
  /** 0, 1, 2 … */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Hash of the entry before, in hex; null for the first. */
  readonly previous: string | null;
  readonly body: LedgerBody;
  /** SHA-256 over all fields above, in hex. */
  readonly hash: string;
  /** Ed25519 by the coordinator over frame("tributary/v1/ledger-entry", hash), in hex. */
  readonly signature: string;
}

export type LedgerHead = Pick<LedgerEntry, 'seq' | 'hash'>;

/** The next entry of a chain. */
export function appendEntry(
  previous: LedgerHead | null,
  fields: { readonly population: string; readonly time: number; readonly body: LedgerBody },
  signer: Identity,
): LedgerEntry {
  const unsigned = { ...fields, seq: previous ? previous.seq + 1 : 0, previous: previous ? previous.hash : null };
  const hash = ledgerEntryHash(unsigned);
  return { ...unsigned, hash, signature: bytesToHex(sign(ledgerSignedBytes(hash), signer.secretKey)) };
}

export function ledgerSignedBytes(hash: string): Uint8Array {
  return frame('tributary/v1/ledger-entry', hexToBytes(hash));
}

/** SHA-256 of the fixed-order frame of all fields but hash and signature, in hex. */
export function ledgerEntryHash(entry: Omit<LedgerEntry, 'hash' | 'signature'>): string {
  const { population, seq, time, previous, body } = entry;
  const chain = previous === null ? new Uint8Array(0) : hexToBytes(previous);
  return bytesToHex(
    sha256(
      frame(
        'tributary/v1/ledger',
        utf8(population),
        u64le(seq),
        u64le(time),
        chain,
        utf8(body.kind),
        ...bodyParts(body),
      ),
    ),
  );
}

function bodyParts(body: LedgerBody): Uint8Array[] {
  switch (body.kind) {
    case 'open':
      return [f64le(body.budget), f64le(body.delta), utf8(body.accountant), utf8(body.relation)];
    case 'charge':
    case 'refused':
      return [...subjectParts(body.subject), ...chargeParts(body)];
    case 'released':
      return [...subjectParts(body.subject), hexToBytes(body.published)];
    case 'abandoned':
      return [...subjectParts(body.subject), utf8(body.reason)];
    case 'close':
      return [utf8(body.reason)];
  }
}

function subjectParts({ task, round, modelVersion, roundHash }: LedgerSubject): Uint8Array[] {
  return [utf8(task), u64le(round), hexToBytes(modelVersion), hexToBytes(roundHash)];
}

function chargeParts({
  event,
  sensitivity,
  roundedCount,
  minimumCount,
  epsilonBefore,
  epsilonAfter,
}: Charge): Uint8Array[] {
  return [
    utf8(event.mechanism),
    frame('tributary/v1/ledger-event', ...eventParts(event)),
    f64le(sensitivity),
    u64le(roundedCount),
    u64le(minimumCount),
    f64le(epsilonBefore),
    f64le(epsilonAfter),
  ];
}

function eventParts(event: MechanismEvent): Uint8Array[] {
  const cap = participationOf(event);
  return [...mechanismParts(event), ...(cap ? [utf8(cap.task), u64le(cap.most)] : [])];
}

function mechanismParts(event: MechanismEvent): Uint8Array[] {
  const steps = u64le(event.steps);
  switch (event.mechanism) {
    case 'gaussian':
      return [f64le(event.noiseMultiplier), ...samplingParts(event.sampling), steps];
    case 'discrete-gaussian':
      return [f64le(event.noiseMultiplier), steps];
    case 'distributed-discrete-gaussian':
      return [
        f64le(event.sensitivity),
        f64le(event.localStandardDeviation),
        u64le(event.noises),
        u64le(event.dimension),
        steps,
      ];
    case 'skellam':
      return [f64le(event.sensitivity), f64le(event.sensitivityL1), f64le(event.variance), steps];
    case 'tree':
      return [f64le(event.noiseMultiplier), u64le(event.firstLeaf), steps];
  }
}

function samplingParts(sampling: SamplingAssumption): Uint8Array[] {
  switch (sampling.claim) {
    case 'none':
      return [utf8('none')];
    case 'poisson':
      return [utf8('poisson'), f64le(sampling.rate)];
    case 'fixed-size':
      return [utf8('fixed-size'), u64le(sampling.population), u64le(sampling.cohort)];
  }
}

/** What the accountant adds up: every charge, released or not. */
export function chargedEvents(entries: readonly LedgerEntry[]): MechanismEvent[] {
  return entries.flatMap(({ body }) => (body.kind === 'charge' ? [body.event] : []));
}
