/** The protocol's version: one integer, raised by every change that an older side would not understand. */
import { RefusalError } from '../messages/refusal.ts';

export const protocolVersion = 1;

/** What this code can speak. */
export const protocolRange = { minimum: 1, maximum: 1 } as const;

/** @throws RefusalError 'protocol-too-old' or 'protocol-too-new', saying which side to update. */
export function checkProtocol(theirs: number): void {
  const { minimum, maximum } = protocolRange;
  if (theirs < minimum) {
    throw new RefusalError(
      'protocol-too-old',
      `Protocol ${theirs} is no longer spoken here; expected ${minimum} to ${maximum}. Update the device's package.`,
    );
  }
  if (theirs > maximum) {
    throw new RefusalError(
      'protocol-too-new',
      `Protocol ${theirs} is not spoken here yet; expected ${minimum} to ${maximum}. Update the coordinator.`,
    );
  }
}
