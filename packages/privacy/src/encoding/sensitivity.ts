/** How far one device can move a sum once its vector has been rounded: what noise must cover (Kairouz, Liu, Steinke 2021). */
import { gridLimit, type SectionEncoding } from './section.ts';

/** KLS21's choice: rounding is accepted with probability at least 1 - beta. */
export const defaultBeta = Math.exp(-0.5);

/** What float64 may add to the squared norm that is compared with the limit, relative. */
const summationError = 2 ** -37;

/**
 * The squared L2 norm, in steps of the grid, above which a rounding is drawn again: PRIVACY section 4, step 3,
 * min{ s²C² + d/4 + sqrt(2 ln(1/beta)) (sC + sqrt(d)/2), (sC + sqrt(d))² }.
 */
export function squaredNormLimit(
  { length, scale, bound }: Pick<SectionEncoding, 'length' | 'scale' | 'bound'>,
  beta: number = defaultBeta,
): number {
  const clip = scale * bound;
  const root = Math.sqrt(length);
  const likely = clip * clip + length / 4 + Math.sqrt(2 * Math.log(1 / beta)) * (clip + root / 2);
  return Math.min(likely, (clip + root) ** 2);
}

/**
 * L2 sensitivity Delta of the section's sum to adding or removing one device, in units of x; a hard bound on what `encodeSection`
 * gives, whatever the device's vector, and so what noise is calibrated to, not the clip norm.
 *
 * Rotated: sqrt(`squaredNormLimit`) / s. Plain: sqrt(d) times the bound rounded up to the grid (its L1 sensitivity is another
 * sqrt(d) times that).
 * @param beta in (0, 1), rotated only; `encodeSection` conditions with the default
 */
export function roundedSensitivity(
  encoding: Pick<SectionEncoding, 'length' | 'scale' | 'bound' | 'kind'>,
  beta: number = defaultBeta,
): number {
  const { kind, length, scale } = encoding;
  if (kind === 'plain') return (Math.sqrt(length) * gridLimit(encoding)) / scale;
  return Math.sqrt(squaredNormLimit(encoding, beta) * (1 + summationError)) / scale;
}
