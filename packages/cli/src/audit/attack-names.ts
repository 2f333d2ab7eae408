/** Names alone, so that `--help` loads no simulator; the compiler compares them with the simulator's. */
import type { AttackName } from '@tributary/simulator';

export type { AttackName };

const described = {
  reconstruction: true,
  membership: true,
  'likelihood-ratio': true,
  audit: true,
  poisoning: true,
} as const satisfies Record<AttackName, true>;

/** In the order in which they are made. */
export const attackNames = Object.keys(described) as readonly AttackName[];
