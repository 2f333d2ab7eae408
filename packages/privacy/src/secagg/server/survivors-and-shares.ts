/** Phases 5 and 6: statements of uploads, who survived, acknowledgements, and shares revealed. */

import { equalBytes } from '../../bytes/compare.ts';
import { bitmapLength, bitmapOf, indexList, indicesOf } from '../bitmap.ts';
import { revealedBytes } from '../client/check-acknowledgements.ts';
import { SecureAggregationError } from '../error.ts';
import { survivorsFrame, uploadFrame } from '../frames.ts';
import type { AcknowledgementMessage, RevealMessage, UploadStatement } from '../messages.ts';
import { placeIn } from './sharing.ts';
import { type CoordinatorMessage, expectLength, outOf, type RosterTable } from './tables.ts';

/** @throws SecureAggregationError unless the statement is the device's, about this vector and the set A that it was shown */
export function checkStatement(
  table: RosterTable,
  index: number,
  statement: UploadStatement,
  vectorHash: Uint8Array,
): void {
  const { roster, masked } = table;
  const n = roster.entries.length;
  expectLength(vectorHash, 32, 'The hash of a vector');
  expectLength(statement.commitment, 32, 'A commitment');
  indicesOf(statement.unopened, n, 'The list of boxes that did not open');
  if (!equalBytes(statement.neighbours, bitmapOf(masked.get(index) ?? [], n))) {
    throw new SecureAggregationError('inconsistent', 'The statement names other neighbours than the device was shown.');
  }
  const frame = uploadFrame(roster.rosterHash, index, vectorHash, statement.commitment, statement.neighbours);
  if (!table.verify(statement.signature, frame, roster.entries[index].identity)) {
    throw new SecureAggregationError('bad-signature', 'The statement about the upload is not signed by its device.');
  }
}

/** Phase 6a for one device that uploaded; notes what it is shown. */
export function survivorsFor(table: RosterTable, index: number): CoordinatorMessage {
  const n = table.roster.entries.length;
  const masked = table.masked.get(index) ?? [];
  const survivors = masked.filter((neighbour) => table.uploads.has(neighbour));
  const uploaded = bitmapOf(survivors, n);
  const dropped = bitmapOf(
    masked.filter((neighbour) => !table.uploads.has(neighbour)),
    n,
  );
  table.shown.set(index, { uploaded, dropped });
  const stride = 128 + bitmapLength(n);
  const statements = new Uint8Array(stride * survivors.length);
  survivors.forEach((neighbour, place) => {
    const upload = table.uploads.get(neighbour);
    if (!upload) return;
    const { statement, vectorHash } = upload;
    const at = stride * place;
    statements.set(vectorHash, at);
    statements.set(statement.commitment, at + 32);
    statements.set(statement.signature, at + 64);
    statements.set(statement.neighbours, at + 128);
  });
  return { name: 'survivors', message: { uploaded, dropped, statements } };
}

/** @throws SecureAggregationError */
export function receiveAcknowledgement(table: RosterTable, index: number, message: AcknowledgementMessage): void {
  const { uploaded, dropped, signature } = message;
  const shown = table.shown.get(index);
  if (!shown || !equalBytes(uploaded, shown.uploaded) || !equalBytes(dropped, shown.dropped)) {
    throw new SecureAggregationError('inconsistent', 'Other sets are acknowledged than the device was shown.');
  }
  const { rosterHash, entries } = table.roster;
  if (!table.verify(signature, survivorsFrame(rosterHash, index, uploaded, dropped), entries[index].identity)) {
    throw new SecureAggregationError('bad-signature', 'The acknowledgement is not signed by its device.');
  }
  table.acknowledged.set(index, message);
}

/** Phase 6b for one device that acknowledged. */
export function acknowledgementsFor(table: RosterTable, index: number): CoordinatorMessage {
  const signers = outOf(table, index).filter((neighbour) => table.acknowledged.has(neighbour));
  const half = bitmapLength(table.roster.entries.length);
  const stride = 2 * half + 64;
  const acknowledgements = new Uint8Array(stride * signers.length);
  signers.forEach((signer, place) => {
    const message = table.acknowledged.get(signer);
    if (!message) return;
    acknowledgements.set(message.uploaded, stride * place);
    acknowledgements.set(message.dropped, stride * place + half);
    acknowledgements.set(message.signature, stride * place + 2 * half);
  });
  return { name: 'acknowledgements', message: { signers: indexList(signers), acknowledgements } };
}

/**
 * One share for every dealer of A that drew the device, but for boxes that it had reported as unopened.
 * @throws SecureAggregationError
 */
export function receiveReveal(table: RosterTable, index: number, { shares }: RevealMessage): void {
  const n = table.roster.entries.length;
  const unopened = new Set(indicesOf(table.uploads.get(index)?.statement.unopened ?? new Uint8Array(0), n, 'The list'));
  const expected = (table.inNeighbours.get(index) ?? []).filter(
    (dealer) => table.masked.has(dealer) && !unopened.has(dealer),
  );
  expectLength(shares, revealedBytes * expected.length, 'The list of shares');
  const view = new DataView(shares.buffer, shares.byteOffset, shares.length);
  expected.forEach((dealer, place) => {
    if (view.getUint32(revealedBytes * place, true) !== dealer) {
      throw new SecureAggregationError(
        'wrong-kind',
        'Shares are revealed of other dealers than those that dealt to the device.',
      );
    }
  });
  expected.forEach((dealer, place) => {
    const at = revealedBytes * place + 4;
    const share = { x: placeIn(outOf(table, dealer), index) + 1, value: shares.slice(at, at + 32) };
    const others = table.revealed.get(dealer);
    if (others) others.push(share);
    else table.revealed.set(dealer, [share]);
  });
}
