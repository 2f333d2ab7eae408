/** Phases 6a and 6b: what became of the neighbours is checked against their signatures, and acknowledged. */
import { sign } from '../../identity/index.ts';
import { bitmapHas, bitmapLength, bitmapMembers } from '../bitmap.ts';
import { SecureAggregationError } from '../error.ts';
import { survivorsFrame, uploadFrame } from '../frames.ts';
import type { SurvivorsMessage } from '../messages.ts';
import type { AcknowledgedDevice, DeviceTransition, UploadedDevice } from './state.ts';

/** @throws SecureAggregationError */
export function receiveSurvivors(
  state: UploadedDevice,
  message: SurvivorsMessage,
): DeviceTransition<AcknowledgedDevice> {
  const { roster, graph, index, masked, out, identity } = state;
  const { rosterHash, entries } = roster;
  const uploaded = bitmapMembers(message.uploaded, entries.length, 'The set of survivors');
  const dropped = bitmapMembers(message.dropped, entries.length, 'The set of dropped devices');
  const parts = new Set([...uploaded, ...dropped]);
  if (uploaded.length + dropped.length !== masked.length || !masked.every((neighbour) => parts.has(neighbour))) {
    throw new SecureAggregationError(
      'wrong-survivors',
      "Survivors and dropped devices are not a partition of this device's neighbours.",
    );
  }
  checkStatements(state, uploaded, message.statements);
  const survivors = new Set(uploaded);
  const holders = out.filter((neighbour) => survivors.has(neighbour)).length;
  if (holders < graph.threshold) {
    throw new SecureAggregationError(
      'too-few-survivors',
      `${holders} of this device's neighbours uploaded; at least ${graph.threshold} are needed.`,
    );
  }
  const signature = sign(survivorsFrame(rosterHash, index, message.uploaded, message.dropped), identity.secretKey);
  const acknowledgement = { uploaded: message.uploaded.slice(), dropped: message.dropped.slice(), signature };
  return {
    state: { ...state, phase: 'acknowledged', survivors },
    effects: [
      { kind: 'remember', what: 'acknowledged', rosterHash },
      { kind: 'send', name: 'acknowledge', message: acknowledgement },
    ],
  };
}

/** Each upload is signed by its device, and says that it carries the mask with this one. */
function checkStatements(
  { roster, index, verify }: UploadedDevice,
  uploaded: readonly number[],
  statements: Uint8Array,
): void {
  const { entries, rosterHash } = roster;
  const stride = 128 + bitmapLength(entries.length);
  if (statements.length !== stride * uploaded.length) {
    throw new SecureAggregationError(
      'malformed',
      `Statements of ${uploaded.length} uploads have ${stride * uploaded.length} bytes; got ${statements.length}.`,
    );
  }
  uploaded.forEach((neighbour, place) => {
    const at = stride * place;
    const neighbours = statements.subarray(at + 128, at + stride);
    const frame = uploadFrame(
      rosterHash,
      neighbour,
      statements.subarray(at, at + 32),
      statements.subarray(at + 32, at + 64),
      neighbours,
    );
    if (!verify(statements.subarray(at + 64, at + 128), frame, entries[neighbour].identity)) {
      throw new SecureAggregationError(
        'bad-signature',
        'An upload is claimed without the statement that its device signs.',
      );
    }
    if (!bitmapHas(neighbours, index)) {
      throw new SecureAggregationError(
        'wrong-survivors',
        'An upload is claimed that does not carry the mask with this device.',
      );
    }
  });
}
