/** A device that is lied to in a secure round leaves it. */
import {
  bitmapMembers,
  bitmapOf,
  type CoordinatorMessage,
  findGraph,
  type SecureAggregationCode,
} from '@tributary/privacy';
import type { RequestName } from '@tributary/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SecureAgreement } from '../agreement/agreement.ts';
import type { SecureRoundOptions } from '../testing/scripted-secure-round.ts';
import { createPeers } from '../testing/secure-peers.ts';
import { expectHonestPart, peers, type SecureWorld, startSecureWorld } from '../testing/secure-world.ts';
import { until } from '../testing/until.ts';

let world: SecureWorld;
beforeEach(async () => {
  world = await startSecureWorld();
});
afterEach(() => world.close());

describe('a device leaves a secure round, and says so,', () => {
  type Lie = (message: CoordinatorMessage) => readonly CoordinatorMessage[];
  const changed = <Name extends CoordinatorMessage['name']>(
    name: Name,
    change: (message: Extract<CoordinatorMessage, { name: Name }>['message']) => object,
  ) =>
    ((message) =>
      message.name === name
        ? [{ name, message: { ...message.message, ...change(message.message as never) } } as CoordinatorMessage]
        : [message]) as Lie;
  const flipped = (bytes: Uint8Array, at = 0) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
  /** The first entry in the place of the second too. */
  const twin = (entries: Uint8Array) => {
    const bytes = entries.slice();
    bytes.copyWithin(160, 0, 160);
    return bytes;
  };
  /** The message, then the same with a change: a second, different one. */
  const twice =
    (lie: Lie): Lie =>
    (message) => {
      const second = lie(message);
      return second[0] === message ? [message] : [message, ...second];
    };
  /** Declares an uploader dropped. */
  const oneLess = changed('survivors', ({ uploaded, dropped, statements }) => {
    const members = bitmapMembers(uploaded, 24, 'uploads');
    return {
      uploaded: bitmapOf(members.slice(1), 24),
      dropped: bitmapOf([...bitmapMembers(dropped, 24, 'dropped'), members[0]], 24),
      statements: statements.slice(statements.length / members.length),
    };
  });

  it.each<[string, SecureAggregationCode, Lie, RequestName]>([
    [
      'a second, different roster',
      'inconsistent',
      twice(changed('roster', (m) => ({ signature: flipped(m.signature) }))),
      'shares',
    ],
    [
      'a roster that the coordinator did not sign',
      'bad-signature',
      changed('roster', (m) => ({ signature: flipped(m.signature) })),
      'shares',
    ],
    [
      'a roster with a device twice',
      'roster-invalid',
      changed('roster', (m) => ({ entries: twin(m.entries) })),
      'shares',
    ],
    [
      'a roster below the minimum',
      'roster-too-small',
      changed('roster', (m) => ({ entries: m.entries.slice(0, 19 * 160) })),
      'shares',
    ],
    [
      'a neighbour that is not in the log',
      'unregistered',
      changed('neighbourKeys', ({ proofs }) => ({ proofs: proofs.map((p) => ({ ...p, index: 0 })) })),
      'shares',
    ],
    [
      'too few dealers',
      'too-few-dealers',
      changed('dealt', ({ neighbours }) => ({
        neighbours: bitmapOf(bitmapMembers(neighbours, 24, '').slice(0, 16), 24),
      })),
      'uploadOpen',
    ],
    ['other survivors after it has acknowledged', 'inconsistent', twice(oneLess), 'reveal'],
    [
      'survivors without their statements',
      'malformed',
      changed('survivors', () => ({ statements: new Uint8Array(0) })),
      'acknowledge',
    ],
    [
      'survivors that are not all of its neighbours',
      'wrong-survivors',
      changed('survivors', ({ dropped, uploaded, statements }) => ({
        uploaded: bitmapOf(bitmapMembers(uploaded, 24, '').slice(1), 24),
        dropped,
        statements: statements.slice(131),
      })),
      'acknowledge',
    ],
    [
      'too few acknowledgements',
      'too-few-acknowledgements',
      changed('acknowledgements', () => ({ signers: new Uint8Array(0), acknowledgements: new Uint8Array(0) })),
      'reveal',
    ],
    [
      'acknowledgements before survivors',
      'out-of-phase',
      (message) =>
        message.name === 'survivors'
          ? [{ name: 'acknowledgements', message: { signers: new Uint8Array(0), acknowledgements: new Uint8Array(0) } }]
          : [message],
      'acknowledge',
    ],
  ])('at %s', async (_, code, lie, unsent) => {
    const { errors, phases, run } = await world.device();
    const round = run({ toDevice: lie });
    await until(() => world.coordinator.declines.length > 0);
    expect(world.coordinator.declines).toEqual([{ round: round.descriptor.round, reason: 'unsafe' }]);
    expect(errors).toMatchObject([{ code: 'unsafe-round', cause: { code } }]);
    expect(phases().at(-1)).toBe('declined');
    expect(round.sent.has(unsent)).toBe(false);
    expect(round.opened).toBeNull();
    // Nothing is answered any more.
    const before = world.coordinator.received.length;
    for (const message of round.shown()) round.show(message);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(world.coordinator.received.length).toBe(before);
  });

  it('at a graph that proves too little, whatever the description assumes', async () => {
    const { errors, run } = await world.device();
    const round = run({ secure: { degree: 3, threshold: 2, inDegreeCap: 23, corrupt: 0 } });
    await until(() => world.coordinator.declines.length > 0);
    expect(errors).toMatchObject([{ code: 'unsafe-round', cause: { code: 'graph-unsafe' } }]);
    expect(world.coordinator.declines[0].reason).toBe('unsafe');
    expect(round.sent.has('neighbours')).toBe(false);
  });

  // Each graph is safe under other assumptions than the device's: with those in its agreement it takes part.
  const fifty = { corrupt: 0.05, dropout: 0.1, security: 10 };
  const weak = findGraph(50, fifty);
  const ofFifty = {
    secure: { degree: weak?.degree ?? 0, threshold: weak?.threshold ?? 0, inDegreeCap: 49 },
    peers: createPeers(49),
  };
  it.each<[string, Partial<SecureRoundOptions>, Partial<SecureAgreement>, Partial<SecureAgreement>]>([
    ['corrupt devices', { secure: { corrupt: 0, dropout: 4700 } }, {}, { corrupt: 0 }],
    ['bits of security', ofFifty, {}, { security: 10 }],
    ['honest devices in every sum', {}, { openedFraction: 0.8 }, {}],
  ])('at a graph that is not safe by its own agreement: %s', async (_, options, strict, lax) => {
    const refusing = await world.device({ agreement: { secure: strict } });
    const round = refusing.run(options);
    await until(() => world.coordinator.declines.length > 0);
    expect(refusing.errors).toMatchObject([{ code: 'unsafe-round', cause: { code: 'graph-unsafe' } }]);
    expect([round.sent.has('neighbours'), round.sent.has('shares')]).toEqual([false, false]);
    await refusing.tributary.stop();
    const taking = await world.device({ agreement: { secure: lax } });
    const accepted = taking.run(options);
    await until(() => accepted.opened !== null);
    expectHonestPart(accepted);
    expect(taking.errors).toEqual([]);
  });

  it('at a roster below its own minimum, in a round that promises as much', async () => {
    const { errors, run } = await world.device({ agreement: { secure: { minimumRoster: 20 } } });
    run({ peers: peers.slice(0, 18), fields: { cohortMinimum: 19, cohortTarget: 19 } });
    await until(() => world.coordinator.declines.length > 0);
    expect(errors).toMatchObject([{ code: 'policy', message: expect.stringMatching(/at least 20/) }]);
    expect(world.coordinator.received).not.toContain('keys');
  });
});
