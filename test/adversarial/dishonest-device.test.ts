/** Devices that do not follow the protocol, against the coordinator and the others. */

import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import {
  agreementKeysOf,
  createModularAccumulator,
  type DeviceMessages,
  hexToBytes,
  keysFrame,
  packedLength,
  SecureAggregationError,
  sha256,
  sign,
} from '@tributary/privacy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainSum, rehearse, runRehearsal } from '../../packages/privacy/src/secagg/testing/rehearsal.ts';
import { acknowledged, dealt, messageTo, type Stage, sections, stage, uploaded } from './secure-stage.ts';

const refusal = (code: string) => expect.objectContaining({ name: 'SecureAggregationError', code });
const order = 2n ** 252n + 27742317777372353535851937790883648493n;

/** S + L: valid for verifiers that do not look. */
function twinOf(signature: Uint8Array): Uint8Array {
  let s = order;
  for (let i = 63; i >= 32; i--) s += BigInt(signature[i]) << BigInt(8 * (i - 32));
  const twin = signature.slice();
  for (let i = 32; i < 64; i++) twin[i] = Number((s >> BigInt(8 * (i - 32))) & 255n);
  return twin;
}

/** What a device has to say in the phase that the stage is at. */
function messageOf<Name extends keyof DeviceMessages>(at: Stage, device: string, name: Name): DeviceMessages[Name] {
  const effect = at.devices.get(device)?.effects.find((one) => one.kind === 'send' && one.name === name);
  if (effect?.kind !== 'send') throw new Error(`The device has no '${name}' to send.`);
  return effect.message as DeviceMessages[Name];
}

describe('keys of a dishonest device', () => {
  const { round, devices, coordinator, proofOf } = rehearse({ n: 20, sections, seed: 4 });
  const [one, other] = devices;
  const keys = (seed: number) => agreementKeysOf(new Uint8Array(32).fill(seed)).publicKey;
  const signed = (device: typeof one, shareKey: Uint8Array, maskKey: Uint8Array) => ({
    shareKey,
    maskKey,
    signature: sign(
      keysFrame(round.roundHash, device.identity.publicKey, shareKey, maskKey),
      device.identity.secretKey,
    ),
  });
  const receive = async (device: string, ...messages: DeviceMessages['keys'][]) => {
    const { createSecureServer } = await import('@tributary/privacy');
    const server = createSecureServer({ round, coordinator, devices: devices.map(({ id }) => id), proofOf });
    return messages.map((message) => {
      try {
        server.receive(device, 'keys', message);
        return null;
      } catch (error) {
        return error;
      }
    });
  };

  it('of low order, in any encoding, are refused (attack 10)', async () => {
    const low = [
      '0000000000000000000000000000000000000000000000000000000000000000',
      '0100000000000000000000000000000000000000000000000000000000000000',
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
      'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      '0000000000000000000000000000000000000000000000000000000000000080',
    ].map(hexToBytes);
    for (const point of low) {
      expect(await receive(one.id, signed(one, point, keys(1)))).toEqual([refusal('low-order-key')]);
      expect(await receive(one.id, signed(one, keys(1), point))).toEqual([refusal('low-order-key')]);
    }
  });

  it('of another device, twice the same, or signed by somebody else are refused (attacks 3, 7)', async () => {
    expect(await receive(one.id, signed(one, keys(1), keys(1)))).toEqual([refusal('duplicate-key')]);
    expect(await receive(one.id, signed(other, keys(1), keys(2)))).toEqual([refusal('bad-signature')]);
    const again = [signed(one, keys(1), keys(2)), signed(one, keys(1), keys(2)), signed(one, keys(3), keys(4))];
    expect(await receive(one.id, ...again)).toEqual([null, null, refusal('inconsistent')]);
  });

  it('under a malleable twin of the signature are refused (attack 16)', async () => {
    const message = signed(one, keys(1), keys(2));
    const twin = { ...message, signature: twinOf(message.signature) };
    expect(twin.signature).not.toEqual(message.signature);
    expect(await receive(one.id, twin)).toEqual([refusal('bad-signature')]);
  });

  it('of a stranger to the log are refused, in a round with a registry', async () => {
    const stranger = rehearse({ n: 1, sections, seed: 99, minimum: 1 }).devices[0];
    const { createSecureServer } = await import('@tributary/privacy');
    const server = createSecureServer({ round, coordinator, devices: [stranger.id], proofOf });
    expect(() => server.receive(stranger.id, 'keys', signed(stranger, keys(1), keys(2)))).toThrowError(
      refusal('unregistered'),
    );
  });
});

describe('shares of dishonest devices', () => {
  it('that are wrong are corrected, up to half of what there is to spare (attack 9)', () => {
    // Full graph of 24: 23 shares of each secret, 17 needed, so three wrong ones are found.
    const rehearsal = rehearse({ n: 24, sections, seed: 8, dropsBefore: (i) => (i === 20 ? 'upload' : undefined) });
    const liars = new Set(rehearsal.devices.slice(0, 2).map(({ id }) => id));
    const { sums, uploaded: ids } = runRehearsal(rehearsal, {
      toServer(device, effect) {
        if (effect.name !== 'reveal' || !liars.has(device)) return effect;
        const shares = effect.message.shares.map((byte, i) => (i % 36 < 4 ? byte : byte ^ 0x5a));
        return { ...effect, message: { shares } };
      },
    });
    expect(sums).toEqual(plainSum(rehearsal, ids));
  });

  it('that are wrong in greater number open nothing (attack 9)', () => {
    const rehearsal = rehearse({ n: 24, sections, seed: 8 });
    const liars = new Set(rehearsal.devices.slice(0, 12).map(({ id }) => id));
    expect(() =>
      runRehearsal(rehearsal, {
        toServer(device, effect) {
          if (effect.name !== 'reveal' || !liars.has(device)) return effect;
          const shares = effect.message.shares.map((byte, i) => (i % 36 < 4 ? byte : byte ^ 0x5a));
          return { ...effect, message: { shares } };
        },
      }),
    ).toThrowError(refusal('cannot-reconstruct'));
  });

  it('that do not open are reported, and the mask with their dealer stays in: the sum is exact all the same', () => {
    const rehearsal = rehearse({ n: 24, sections, seed: 9 });
    const dealer = rehearsal.devices[2].id;
    const { sums, uploaded: ids } = runRehearsal(rehearsal, {
      toServer(device, effect) {
        if (effect.name !== 'shares' || device !== dealer) return effect;
        const boxes = effect.message.boxes.slice();
        // Two of its 23 boxes are rubbish.
        boxes.fill(7, 0, 112);
        boxes.fill(7, 112 * 5, 112 * 6);
        return { ...effect, message: { boxes } };
      },
    });
    expect(ids).toHaveLength(24);
    expect(sums).toEqual(plainSum(rehearsal, ids));
  });

  it('of another round do not open (attack 4)', () => {
    const [old, at] = [stage({ seed: 5 }), stage({ seed: 6 })];
    for (const round of [old, at]) {
      round.deliver();
    }
    const replayed = messageOf(old, old.ids[0], 'shares');
    for (const [id, { effects }] of at.devices) {
      for (const effect of effects) {
        if (effect.kind === 'send') at.server.receive(id, effect.name, id === at.ids[0] ? replayed : effect.message);
      }
    }
    at.advance();
    at.deliver();
    const victim = at.devices.get(at.ids[1]);
    if (victim?.state.phase !== 'ready') throw new Error('The device is not ready.');
    expect(victim.state.unopened).toHaveLength(1);
  });

  it('are dealt without a table or a branch that depends on the secret (attack 19)', () => {
    const source = readFileSync(new URL('../../packages/privacy/src/secagg/shamir/deal.ts', import.meta.url), 'utf8');
    expect(source).not.toMatch(/import .*(Public|log|exp|field)/);
    const condition = /if \(([^)]*)\)/g;
    const conditions = [...source.matchAll(condition)].map(([, inner]) => inner);
    // Lengths and thresholds, and bits of the public point.
    for (const inner of conditions) expect(inner).toMatch(/length|threshold|\(x >>> bit/);
  });
});

describe('uploads of a dishonest device', () => {
  it('with a statement about other bytes, another set, or of another device are refused (attacks 4, 11)', () => {
    const at = dealt();
    at.deliver();
    const other = dealt({ seed: 2 });
    other.deliver();
    const vectors = other.upload();
    const [id] = at.ids;
    const [foreign] = other.ids;
    const statementOf = (from: Stage, device: string) => {
      const effect = from.devices.get(device)?.effects.find((one) => one.kind === 'upload');
      if (effect?.kind !== 'upload') throw new Error('There is no statement.');
      return effect.statement;
    };
    const replayed = statementOf(other, foreign);
    const hash = sha256(vectors.get(foreign) ?? new Uint8Array(0));
    expect(() => at.server.uploaded(id, replayed, hash)).toThrow(SecureAggregationError);
    at.upload();
    const own = statementOf(at, id);
    expect(() => at.server.uploaded(id, own, sha256(new Uint8Array(1)))).toThrow(SecureAggregationError);
    expect(() => at.server.uploaded(id, own, hash)).toThrow(SecureAggregationError);
  });

  it('of a wrong length or with bits behind the last coordinate are refused before they are added (attack 11)', () => {
    const sum = createModularAccumulator({ length: 61, bits: 20, section: 0 });
    const right = new Uint8Array(packedLength(61, 20));
    for (const wrong of [right.subarray(1), new Uint8Array([...right, 0])])
      expect(() => sum.addPacked(wrong)).toThrow(RangeError);
    right[right.length - 1] = 0xf0;
    expect(() => sum.addPacked(right)).toThrow(/not zero/);
    expect(sum.values()).toEqual(new Uint32Array(61));
  });

  it('that come after the phase has ended are refused: the self mask of a late vector stays closed (attack 17)', () => {
    const at = dealt();
    at.deliver();
    const late = at.ids[3];
    const one = at.devices.get(late);
    (at.devices as Map<string, unknown>).delete(late);
    at.upload();
    at.advance();
    if (!one) throw new Error('There is no such device.');
    (at.devices as Map<string, unknown>).set(late, one);
    expect(() => at.server.uploaded(late, statement(at), new Uint8Array(32))).toThrowError(refusal('out-of-phase'));
    expect(at.server.has(late)).toBe(false);
  });
});

function statement(_: Stage) {
  const zeros = (length: number) => new Uint8Array(length);
  return { commitment: zeros(32), neighbours: zeros(3), unopened: zeros(0), signature: zeros(64) };
}

describe('signatures of one phase', () => {
  it('do not stand for another, and acknowledgements of another round do not count (attacks 4, 16)', () => {
    const at = uploaded();
    at.deliver();
    const [id] = at.ids;
    const message = messageOf(at, id, 'acknowledge');
    const twin = { ...message, signature: twinOf(message.signature) };
    expect(() => at.server.receive(id, 'acknowledge', twin)).toThrowError(refusal('bad-signature'));
    const other = uploaded({ seed: 3 });
    other.deliver();
    const foreign = messageOf(other, other.ids[0], 'acknowledge');
    expect(() => at.server.receive(at.ids[1], 'acknowledge', { ...message, signature: foreign.signature })).toThrow(
      SecureAggregationError,
    );

    const [now, before] = [acknowledged({ seed: 4 }), acknowledged({ seed: 5 })];
    const device = now.ids[0];
    const fresh = messageTo(now, device, 'acknowledgements');
    const stale = messageTo(before, before.ids[0], 'acknowledgements').message.acknowledgements;
    expect(now.deliverTo(device, { ...fresh, message: { ...fresh.message, acknowledgements: stale } })).toEqual(
      refusal('too-few-acknowledgements'),
    );
  });
});

describe('rubbish', () => {
  /** Changes one byte, or the length, of one field. */
  const mutation = fc.record({
    field: fc.nat(),
    kind: fc.constantFrom('flip', 'cut', 'longer', 'empty'),
    at: fc.nat(),
    value: fc.integer({ min: 1, max: 255 }),
  });
  type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;
  function mutated<Message extends object>(message: Message, { field, kind, at, value }: Mutation): Message {
    const names = Object.keys(message).filter(
      (name) => (message as Record<string, unknown>)[name] instanceof Uint8Array,
    );
    const name = names[field % names.length];
    const bytes = (message as Record<string, Uint8Array>)[name];
    const changed =
      kind === 'empty'
        ? new Uint8Array(0)
        : kind === 'cut'
          ? bytes.slice(0, Math.max(0, bytes.length - 1 - (at % 40)))
          : kind === 'longer'
            ? new Uint8Array([...bytes, value])
            : bytes.slice();
    if (kind === 'flip' && changed.length > 0) changed[at % changed.length] ^= value;
    return { ...message, [name]: changed };
  }

  it('from a device in any phase costs that device its place at most: errors are typed, the sum of the others exact', () => {
    fc.assert(
      fc.property(fc.constantFrom('shares', 'acknowledge', 'reveal'), fc.nat(23), mutation, (name, who, change) => {
        const rehearsal = rehearse({ n: 24, sections, seed: 11 });
        const liar = rehearsal.devices[who].id;
        let refused: unknown = null;
        const run = () =>
          runRehearsal(rehearsal, {
            toServer(device, effect) {
              if (device !== liar || effect.name !== name) return effect;
              return { ...effect, message: mutated(effect.message, change) } as typeof effect;
            },
          });
        try {
          const { sums, uploaded: ids } = run();
          expect(sums).toEqual(plainSum(rehearsal, ids));
        } catch (error) {
          refused = error;
        }
        if (refused !== null) expect(refused).toBeInstanceOf(SecureAggregationError);
      }),
      { numRuns: 25 },
    );
  });

  it('from the coordinator in any phase makes the device leave with a typed error, or changes nothing', () => {
    const keyed = () => {
      const at = stage();
      const [id] = at.ids;
      at.deliverTo(id, messageTo(at, id, 'roster'));
      return at;
    };
    const stages = { roster: stage, neighbourKeys: keyed, dealt, survivors: uploaded, acknowledgements: acknowledged };
    for (const [name, reach] of Object.entries(stages)) {
      let at = reach();
      const victim = at.ids[0];
      fc.assert(
        fc.property(mutation, (change) => {
          const original = messageTo(at, victim, name as 'roster');
          const one = at.devices.get(victim);
          if (!one) throw new Error('There is no victim.');
          const before = { state: one.state, effects: one.effects };
          const message = mutated(original.message, change);
          const error = at.deliverTo(victim, { ...original, message });
          // What differs is taken in two places alone: an acknowledgement among many that does not count, and a box that does not
          // open, which is reported.
          if (error !== null) expect(error).toBeInstanceOf(SecureAggregationError);
          else if (!isDeepStrictEqual(message, original.message)) expect(['acknowledgements', 'dealt']).toContain(name);
          // A device that has revealed has forgotten its keys: the next lie meets another.
          if (one.state.phase === 'revealed') at = reach();
          else Object.assign(one, before);
        }),
        { numRuns: name === 'acknowledgements' ? 8 : 40 },
      );
    }
  });
});

describe('the size of what is sent', () => {
  it('does not depend on what the device has (attack 19)', () => {
    const empty = dealt({ seed: 7 });
    empty.deliver();
    for (const { device } of empty.devices.values()) for (const section of device.values) section.fill(0);
    const full = dealt({ seed: 7 });
    full.deliver();
    const lengths = (at: Stage) => new Set([...at.upload().values()].map(({ length }) => length));
    expect(lengths(empty)).toEqual(lengths(full));
  });
});
