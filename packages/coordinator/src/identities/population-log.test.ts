import {
  createIdentity,
  createIdentityLog,
  identityLeaf,
  sha256,
  systemRandom,
  verifyInclusion,
  verifyLogRoot,
} from '@tributary/privacy';
import { describe, expect, it } from 'vitest';
import type { IdentityPort } from '../store/store.ts';
import { openPopulationLog } from './population-log.ts';

const coordinator = createIdentity(systemRandom);
const identityOf = (seed: number) => sha256(Uint8Array.of(seed & 255, seed >> 8));
const many = Array.from({ length: 300 }, (_, seed) => identityOf(seed));

/** As the store does it, in memory; tells how often it was written. */
function memoryPort() {
  const identities: Uint8Array[] = [];
  let writes = 0;
  const port: IdentityPort = {
    list: async () => [...identities],
    async append(_population, position, added) {
      writes += 1;
      await new Promise(setImmediate);
      if (position !== identities.length) return false;
      identities.push(...added);
      return true;
    },
  };
  return { port, identities, writes: () => writes };
}

describe('the identity log of a population', () => {
  it('takes each identity once, those that come together in few writes, and is the same when it is opened again', async () => {
    const { port, identities, writes } = memoryPort();
    const log = await openPopulationLog(port, 'members', coordinator);
    await Promise.all([...many, ...many].map((identity) => log.register(identity)));
    await log.register(many[7]);
    expect(identities).toEqual(many);
    expect(writes()).toBe(2);
    const plain = createIdentityLog(many.map((identity) => identityLeaf('members', identity)));
    expect(log.head()).toEqual({ size: 300, root: plain.root() });
    const again = await openPopulationLog(port, 'members', coordinator);
    expect(again.head()).toEqual(log.head());
    expect(again.page(298, 10)).toEqual(many.slice(298));
    expect(verifyLogRoot(again.signedRoot(), coordinator.publicKey)).toBe(true);
    // Another population's log over the same identities is another.
    expect((await openPopulationLog(port, 'visitors', coordinator)).head().root).not.toEqual(plain.root());
  });

  it('proves an identity at the size that a round names, also when it has grown since, and no later one', async () => {
    const { port } = memoryPort();
    const log = await openPopulationLog(port, 'members', coordinator);
    for (const identity of many.slice(0, 5)) await log.register(identity);
    const { size, root } = log.head();
    await Promise.all(many.map((identity) => log.register(identity)));
    const proof = log.proof(many[3], size);
    expect(proof?.index).toBe(3);
    const leaf = identityLeaf('members', many[3]);
    const claim = { leaf, index: 3, size, root, proof: proof?.path ?? new Uint8Array(0) };
    expect(verifyInclusion(claim)).toBe(true);
    expect(verifyInclusion({ ...claim, root: log.head().root })).toBe(false);
    expect(log.proof(many[5], size)).toBeNull();
    expect(log.proof(identityOf(999), 300)).toBeNull();
  });

  it('does not claim what could not be written, and takes it at another try', async () => {
    const { port } = memoryPort();
    let failing = true;
    const unsteady: IdentityPort = {
      ...port,
      append: (...parameters) => (failing ? Promise.resolve(false) : port.append(...parameters)),
    };
    const log = await openPopulationLog(unsteady, 'members', coordinator);
    await expect(log.register(many[0])).rejects.toMatchObject({ name: 'StoreError', code: 'conflict' });
    expect([log.head().size, log.proof(many[0], 0)]).toEqual([0, null]);
    failing = false;
    await log.register(many[0]);
    expect(log.head().size).toBe(1);
  });
});
