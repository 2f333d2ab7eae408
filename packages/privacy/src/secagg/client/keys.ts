/** Phase 1: fresh keys, signed by the identity for this round alone. */
import { type Identity, sign, type Verify, verify } from '../../identity/index.ts';
import { createAgreementKeys } from '../../key-agreement/index.ts';
import type { SecureRandom } from '../../random/secure-random.ts';
import { keysFrame } from '../frames.ts';
import type { KeysMessage } from '../messages.ts';
import { type ReadRoster, readRoster } from '../roster.ts';
import type { SecureRound, SecurityPolicy } from '../secure-round.ts';
import type { KeyedDevice } from './state.ts';

/** Begins a round. @param random a CSPRNG: keys, masks, neighbours and shares come from it */
export function startDevice(options: {
  readonly round: SecureRound;
  readonly policy: SecurityPolicy;
  readonly identity: Identity;
  readonly random: SecureRandom;
  /** Another than the usual one where a process plays many devices (`memoisedVerify`). */
  readonly verify?: Verify;
  /** Likewise (`memoisedReadRoster`). */
  readonly readRoster?: ReadRoster;
}): { readonly state: KeyedDevice; readonly message: KeysMessage } {
  const { round, policy, identity, random } = options;
  const shares = createAgreementKeys(random);
  const masks = createAgreementKeys(random);
  const frame = keysFrame(round.roundHash, identity.publicKey, shares.publicKey, masks.publicKey);
  const message: KeysMessage = {
    shareKey: shares.publicKey,
    maskKey: masks.publicKey,
    signature: sign(frame, identity.secretKey),
  };
  const state: KeyedDevice = {
    phase: 'keyed',
    round,
    policy,
    identity,
    verify: options.verify ?? verify,
    readRoster: options.readRoster ?? readRoster,
    answered: [],
    keys: message,
    shareSecret: shares.secretKey,
    maskSecret: masks.secretKey,
  };
  return { state, message };
}
