/** Rounds of tree noise as events. */
import type { MechanismEvent } from './event.ts';

type TreeEvent = Extract<MechanismEvent, { readonly mechanism: 'tree' }>;

/** So many rounds in trees of `leaves` each, the last of what is left. @param rounds, leaves whole numbers from 1 */
export function treeEvents(
  noiseMultiplier: number,
  rounds: number,
  leaves: number,
): readonly [TreeEvent, ...TreeEvent[]] {
  const tree = (index: number): TreeEvent => ({
    mechanism: 'tree',
    noiseMultiplier,
    firstLeaf: 1,
    steps: Math.min(leaves, rounds - index * leaves),
  });
  const more = Array.from({ length: Math.ceil(rounds / leaves) - 1 }, (_, index) => tree(index + 1));
  return [tree(0), ...more];
}
