/** What the coordinator says is believed only under its pinned key. */
import { bytesToHex, verify } from '@tributary/privacy';
import {
  type ModelVersion,
  modelVersionBytes,
  modelVersionHash,
  type RoundDescriptor,
  roundDescriptorBytes,
} from '@tributary/protocol';
import { TributaryError } from '../errors/tributary-error.ts';

/** @throws TributaryError 'forged' unless the version is what its hash says, signed by the key, and of this task */
export function verifyVersion(version: ModelVersion, task: string, coordinatorKey: Uint8Array): void {
  if (version.task !== task) {
    throw new TributaryError(
      'forged',
      `The model version is of task '${version.task}', not of '${task}'; it is not used.`,
    );
  }
  if (modelVersionHash(version) !== version.hash) {
    throw new TributaryError(
      'forged',
      `Model version ${short(version.hash)} is not what its hash says; it is not used.`,
    );
  }
  if (!verify(version.signature, modelVersionBytes(version), coordinatorKey)) {
    throw new TributaryError(
      'forged',
      `Model version ${short(version.hash)} is not signed by the coordinator's key ${fingerprint(coordinatorKey)}; it is not used.`,
    );
  }
}

/** @throws TributaryError 'forged' unless the description of the round is signed by the key */
export function verifyRound(round: RoundDescriptor, coordinatorKey: Uint8Array): void {
  if (!verify(round.signature, roundDescriptorBytes(round), coordinatorKey)) {
    throw new TributaryError(
      'forged',
      `The invitation to round ${round.round} is not signed by the coordinator's key ${fingerprint(coordinatorKey)}; it is not accepted.`,
    );
  }
}

/**
 * The first key that is seen is pinned (trust on first use), unless the host gave one.
 * @throws TributaryError 'coordinator-key' for another key than the pinned one
 */
export function checkCoordinatorKey(theirs: Uint8Array, pinned: string | null): void {
  const hex = bytesToHex(theirs);
  if (pinned !== null && hex !== pinned) {
    throw new TributaryError(
      'coordinator-key',
      `The coordinator shows the key ${hex.slice(0, 16)}…; this device has pinned ${pinned.slice(0, 16)}…. Nothing was sent. ` +
        'If its operator has changed the key on purpose, give the new one as coordinatorKey or start with a new storage.',
    );
  }
}

const short = (hash: string): string => hash.slice(0, 12);
const fingerprint = (key: Uint8Array): string => `${bytesToHex(key).slice(0, 16)}…`;
