/** Which errors may be quoted to the public and in the store: those whose messages this project wrote itself. */
import { LedgerError } from '../ledger/ledger.ts';
import { RegistryError } from '../registry/registry-error.ts';
import { NoisePlanError } from '../release/calibrate-noise.ts';
import { SecurePlanError } from '../round/secure-plan.ts';
import { StoreError } from '../store/store-error.ts';

const ownErrors = [LedgerError, NoisePlanError, RegistryError, SecurePlanError, StoreError];

/** The message of an own error, cut to a sensible length; a fixed sentence for any other. */
export function ownWords(error: unknown): string {
  const own = ownErrors.some((kind) => error instanceof kind);
  return own && error instanceof Error
    ? error.message.slice(0, 500)
    : "an unexpected failure; the coordinator's log says what kind";
}
