/** Records of a store as a program reads them: plain JSON, byte strings in hex. The same fields as the coordinator's pages. */
import type { TaskRecord, VersionRecord } from '@tributary/coordinator';
import { bytesToHex } from '@tributary/privacy';
import type { ModelVersion } from '@tributary/protocol';

export function shownVersion(version: ModelVersion) {
  return { ...version, signature: bytesToHex(version.signature) };
}

export function shownVersionRecord({ version, position, createdAt, origin }: VersionRecord) {
  return { ...shownVersion(version), position, origin, createdAt };
}

export function shownTask({ id, document, status, reason, closedRounds, currentVersion }: TaskRecord) {
  const { population, rounds } = document;
  return { id, population, status, reason, closedRounds, rounds, currentVersion };
}
