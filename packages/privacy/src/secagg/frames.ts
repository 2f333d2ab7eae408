/** Every byte string that is signed or committed to in a secure round. `rosterHash` binds round, task, model version and cohort. */
import { frame, u32le } from '../bytes/frame.ts';

/** By the device's identity. */
export function keysFrame(roundHash: Uint8Array, identity: Uint8Array, shareKey: Uint8Array, maskKey: Uint8Array) {
  return frame('tributary/v1/keys', roundHash, identity, shareKey, maskKey);
}

/** By the coordinator; its SHA-256 is the `rosterHash`. */
export function rosterFrame(roundHash: Uint8Array, n: number, root: Uint8Array) {
  return frame('tributary/v1/roster', roundHash, u32le(n), root);
}

/** By device `index`. @param neighbours u32le list */
export function neighboursFrame(rosterHash: Uint8Array, index: number, neighbours: Uint8Array) {
  return frame('tributary/v1/neighbours', rosterHash, u32le(index), neighbours);
}

/** By device `index`. @param neighbours bitmap */
export function uploadFrame(
  rosterHash: Uint8Array,
  index: number,
  vectorHash: Uint8Array,
  commitment: Uint8Array,
  neighbours: Uint8Array,
) {
  return frame('tributary/v1/upload', rosterHash, u32le(index), vectorHash, commitment, neighbours);
}

/** Hashed, not signed: ties a device to its self mask before anybody is dropped. */
export function selfMaskCommitmentFrame(rosterHash: Uint8Array, selfMask: Uint8Array) {
  return frame('tributary/v1/self-mask-commitment', rosterHash, selfMask);
}

/** By device `index`. @param uploaded, dropped bitmaps */
export function survivorsFrame(rosterHash: Uint8Array, index: number, uploaded: Uint8Array, dropped: Uint8Array) {
  return frame('tributary/v1/survivors', rosterHash, u32le(index), uploaded, dropped);
}
