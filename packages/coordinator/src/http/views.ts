/** Answers as JSON. Counts of devices below the task's minimum cohort are not shown: `null`, with `fewerThan`. */

import { bytesToHex } from '@tributary/privacy';
import type { ModelVersion } from '@tributary/protocol';
import { withoutSmallCount } from '../cohort/small-counts.ts';
import type { RoundRecord, VersionRecord } from '../store/store.ts';
import type { IdentityLogPage, LiveRound, TaskPage } from './port.ts';

export function taskView({ record, live }: TaskPage) {
  const { id, document, catalogueHash, status, reason, lastRound, closedRounds, currentVersion, createdAt } = record;
  return {
    id,
    population: document.population,
    plan: document.privacy.plan,
    status,
    reason,
    lastRound,
    closedRounds,
    rounds: document.rounds,
    currentVersion,
    catalogueHash,
    createdAt,
    live: live ? liveView(live, document.cohort.minimum) : null,
  };
}

function liveView({ round, phase, plan, secure, bytesReceived, ...counts }: LiveRound, minimum: number) {
  return {
    round,
    phase,
    plan,
    // A roster is never below the minimum; its graph is public, every device knows it.
    secure: secure && { ...secure, cohort: atLeast(minimum, secure.cohort) },
    devices: {
      connected: atLeast(minimum, counts.connected),
      available: atLeast(minimum, counts.available),
      invited: atLeast(minimum, counts.invited),
      uploaded: atLeast(minimum, counts.uploaded),
      fewerThan: minimum,
    },
    // Uploads are of one size, so that bytes would tell their number.
    bytesReceived: counts.uploaded < minimum ? null : bytesReceived,
  };
}

export function roundView(record: RoundRecord, minimum: number) {
  const { round, outcome, reason, openedAt, endedAt, version, metrics, contributions, invited } = record;
  return {
    round,
    outcome,
    reason: withoutSmallCount(reason, minimum),
    invited: atLeast(minimum, invited),
    contributions: atLeast(minimum, contributions),
    fewerThan: minimum,
    bytesReceived: contributions < minimum ? null : record.bytesReceived,
    openedAt,
    endedAt,
    version,
    metrics,
    engine: record.engine,
  };
}

export function versionView({ version, position, createdAt, origin }: VersionRecord) {
  return { ...manifestView(version), position, origin, createdAt };
}

export function manifestView(version: ModelVersion) {
  return { ...version, signature: bytesToHex(version.signature) };
}

/** Everything that is needed to mirror the log and to check that it only grew. @param from first identity of the page */
export function identityLogView(log: IdentityLogPage, from: number, count: number, since: number | null) {
  const { population, size, root, signature } = log.signedRoot();
  return {
    population,
    size,
    root: bytesToHex(root),
    signature: bytesToHex(signature),
    from,
    identities: log.page(from, count).map(bytesToHex),
    // Proof that the log of `since` identities is the beginning of this one.
    consistency: since === null ? null : bytesToHex(log.consistency(since, size)),
  };
}

function atLeast(minimum: number, count: number): number | null {
  return count < minimum ? null : count;
}
