import type { SecureRandom } from '@tributary/privacy';

/** 52 bits of the secure source: which negatives a device draws is nobody's to guess. */
export function trainingSeed(random: SecureRandom): number {
  const bytes = random.bytes(8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  return (view.getUint32(0) & 0xfffff) * 2 ** 32 + view.getUint32(4);
}
