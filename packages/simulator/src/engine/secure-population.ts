/** Identities of a simulation's people and the log that holds them, out of the seed: worth nothing outside of it. */
import {
  createIdentity,
  createIdentityLog,
  type Identity,
  type IdentityProof,
  identityLeaf,
  seededResearchRandom,
} from '@tributary/privacy';

export interface SecurePopulation {
  readonly identities: readonly Identity[];
  readonly log: { readonly size: number; readonly root: Uint8Array };
  proofOf(identity: Uint8Array): IdentityProof | null;
}

/** Apart from the streams of noise and of keys. */
const identityStream = 0x1d;

export function securePopulation(population: string, users: number, seed: number): SecurePopulation {
  const random = seededResearchRandom(seed, identityStream);
  const identities = Array.from({ length: users }, () => createIdentity(random));
  const log = createIdentityLog(identities.map(({ publicKey }) => identityLeaf(population, publicKey)));
  return {
    identities,
    log: { size: log.size, root: log.root() },
    proofOf(identity) {
      const index = log.indexOf(identityLeaf(population, identity));
      return index === undefined ? null : { index, path: log.inclusionProof(index, log.size) };
    },
  };
}
