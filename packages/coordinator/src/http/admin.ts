/** Whether a request may change something. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares hashes, which are of one length, in constant time: neither a common beginning nor the length shows. */
export function isAdmin(authorization: string | undefined, adminToken: string): boolean {
  const given = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(adminToken)) && given.length > 0;
}

function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
