/** What a device says and hears in a secure round beside its vector and the model, by encoding messages of the lengths that it has. */
import { bitmapLength, graphOf } from '@tributary/privacy';
import { encode, type SecureRoundDescription } from '@tributary/protocol';

export interface SecureMessageBytes {
  /** Keys, neighbours, shares, acknowledgement, shares revealed, and the statement of the upload. */
  readonly up: number;
  /** Roster, neighbours' keys, shares dealt, survivors, acknowledgements. */
  readonly down: number;
}

/** Hashes of a proof in an identity log of that size. */
function proofHashes(size: number): number {
  return size > 1 ? Math.ceil(Math.log2(size)) : 0;
}

/** Everybody uploads, and as many draw a device as it draws. @param cohort devices of the roster */
export function secureMessageBytes(
  secure: Omit<SecureRoundDescription, 'identityLog'>,
  cohort: number,
  logSize: number,
): SecureMessageBytes {
  const { full, degree } = graphOf(secure, cohort);
  const round = 1;
  const zeros = (length: number) => new Uint8Array(length);
  const bitmap = zeros(bitmapLength(cohort));
  const neighbours = full ? degree : Math.round(2 * degree - degree ** 2 / (cohort - 1));
  const signature = zeros(64);
  const statement = { commitment: zeros(32), neighbours: bitmap, unopened: zeros(0), signature };
  const opened = { round, bytes: 1, sha256: zeros(32) };
  const up = [
    encode('keys', { round, shareKey: zeros(32), maskKey: zeros(32), signature }),
    ...(full ? [] : [encode('neighbours', { round, neighbours: zeros(4 * degree), signature })]),
    encode('shares', { round, boxes: zeros(112 * degree) }),
    encode('uploadOpen', { ...opened, statement }),
    encode('acknowledge', { round, uploaded: bitmap, dropped: bitmap, signature }),
    encode('reveal', { round, shares: zeros(36 * degree) }),
  ];
  const path = zeros(32 * proofHashes(logSize));
  const down = [
    encode('roster', { round, entries: zeros(160 * cohort), signature }),
    encode('neighbourKeys', {
      round,
      inNeighbours: zeros(4 * degree),
      lists: zeros(full ? 0 : (4 * degree + 64) * degree),
      proofs: Array.from({ length: degree }, () => ({ index: logSize - 1, path })),
    }),
    encode('dealt', { round, neighbours: bitmap, dealers: zeros(4 * degree), boxes: zeros(112 * degree) }),
    encode('survivors', {
      round,
      uploaded: bitmap,
      dropped: bitmap,
      statements: zeros((128 + bitmap.length) * neighbours),
    }),
    encode('acknowledgements', {
      round,
      signers: zeros(4 * degree),
      acknowledgements: zeros((64 + 2 * bitmap.length) * degree),
    }),
  ];
  const total = (messages: readonly Uint8Array[]) => messages.reduce((bytes, message) => bytes + message.length, 0);
  // The opening of a sealed upload is counted with its chunks.
  return { up: total(up) - encode('uploadOpen', { ...opened, statement: null }).length, down: total(down) };
}
