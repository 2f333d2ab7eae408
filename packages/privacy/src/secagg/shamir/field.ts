/**
 * GF(2^16) with the polynomial x^16 + x^12 + x^3 + x + 1 (0x1100B), which is primitive: x generates. Symbols are unsigned 16-bit
 * integers, addition is XOR.
 */

/** Without branches or tables that depend on the operands: for secrets. */
export function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 16; bit++) {
    product ^= a & -(b & 1);
    b >>>= 1;
    a = (a << 1) ^ (0x1100b & -(a >>> 15));
  }
  return product;
}

const order = 65_535;
let tables: { readonly exp: Uint16Array; readonly log: Uint16Array } | null = null;

/** Powers and logarithms of the generator x. For public operands only: look-ups leave traces in caches. */
function publicTables() {
  if (tables) return tables;
  const exp = new Uint16Array(2 * order);
  const log = new Uint16Array(65_536);
  for (let power = 0, value = 1; power < order; power++) {
    exp[power] = value;
    exp[power + order] = value;
    log[value] = power;
    value = (value << 1) ^ (0x1100b & -(value >>> 15));
  }
  tables = { exp, log };
  return tables;
}

/** By tables: for what its holder may know. */
export function multiplyPublic(a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  const { exp, log } = publicTables();
  return exp[log[a] + log[b]];
}

/** @throws RangeError for zero */
export function invertPublic(a: number): number {
  if (a === 0) throw new RangeError('Zero has no inverse in GF(2^16).');
  const { exp, log } = publicTables();
  return exp[(order - log[a]) % order];
}
