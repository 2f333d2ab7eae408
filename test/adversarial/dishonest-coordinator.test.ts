/** A coordinator that does not follow the protocol, against devices that do. Each attack ends in the refusal that stops it. */
import {
  bitmapMembers,
  bitmapOf,
  type CoordinatorMessage,
  type Identity,
  indexList,
  rosterFrame,
  rosterOf,
  type SecureAggregationCode,
  SecureAggregationError,
  sign,
  startDevice,
} from '@tributary/privacy';
import { describe, expect, it } from 'vitest';
import { acknowledged, dealt, messageTo, type Stage, stage, uploaded } from './secure-stage.ts';

const refusal = (code: SecureAggregationCode) => expect.objectContaining({ name: 'SecureAggregationError', code });
const lastOf = (at: Stage) => at.ids[at.ids.length - 1];
const indexOf = (at: Stage, id: string) => {
  const state = at.devices.get(id)?.state;
  if (!state || !('index' in state)) throw new Error('The device has no place in the roster.');
  return state.index;
};

/** A roster of other entries under the coordinator's own signature: it may sign what it likes. */
function signedRoster(at: Stage, change: (entries: Uint8Array[]) => Uint8Array[]): CoordinatorMessage {
  const { entries } = messageTo(at, at.ids[0], 'roster').message;
  const list = change(Array.from({ length: entries.length / 160 }, (_, i) => entries.slice(160 * i, 160 * i + 160)));
  const bytes = new Uint8Array(160 * list.length);
  list.forEach((entry, i) => bytes.set(entry, 160 * i));
  const { round, coordinator } = at.rehearsal;
  const parsed = list.map((entry) => ({
    identity: entry.subarray(0, 32),
    shareKey: entry.subarray(32, 64),
    maskKey: entry.subarray(64, 96),
    signature: entry.subarray(96),
  }));
  const frame = rosterFrame(round.roundHash, list.length, rosterOf(round, parsed).root);
  return { name: 'roster', message: { entries: bytes, signature: sign(frame, coordinator.secretKey) } };
}

function refuses(at: Stage, device: string, message: CoordinatorMessage, code: SecureAggregationCode): void {
  expect(at.deliverTo(device, message)).toEqual(refusal(code));
}

describe('a coordinator that lies about survivors', () => {
  it('opens nothing by telling half of the devices that one uploaded, and the other half that it dropped (attack 1)', () => {
    const at = uploaded();
    const victim = at.ids[5];
    const place = indexOf(at, victim);
    let told = 0;
    at.deliver((id, message) => {
      if (id === victim || message.name !== 'survivors' || told++ % 2 === 0) return message;
      // As if the victim had dropped: out of the one set and its statement, into the other.
      const n = at.ids.length;
      const uploads = bitmapMembers(message.message.uploaded, n, 'it');
      const stride = message.message.statements.length / uploads.length;
      const rest = uploads.filter((index) => index !== place);
      const statements = new Uint8Array(stride * rest.length);
      rest.forEach((index, i) => {
        const from = stride * uploads.indexOf(index);
        statements.set(message.message.statements.subarray(from, from + stride), stride * i);
      });
      return {
        name: 'survivors',
        message: { uploaded: bitmapOf(rest, n), dropped: bitmapOf([place], n), statements },
      };
    });
    // Each device signs what it was shown, so the coordinator holds acknowledgements of both kinds, and passes on all of them.
    const acks = new Map<number, { uploaded: Uint8Array; dropped: Uint8Array; signature: Uint8Array }>();
    for (const [id, { effects }] of at.devices) {
      for (const effect of effects) {
        if (effect.kind === 'send' && effect.name === 'acknowledge') acks.set(indexOf(at, id), effect.message);
      }
    }
    const others = [...acks.keys()].filter((index) => index !== place).sort((a, b) => a - b);
    const half = Math.ceil(at.ids.length / 8);
    const bytes = new Uint8Array(others.length * (2 * half + 64));
    others.forEach((index, i) => {
      const ack = acks.get(index);
      if (!ack) return;
      bytes.set(ack.uploaded, i * (2 * half + 64));
      bytes.set(ack.dropped, i * (2 * half + 64) + half);
      bytes.set(ack.signature, i * (2 * half + 64) + 2 * half);
    });
    // The victim finds too few that say that it uploaded, and reveals nothing of anybody.
    refuses(
      at,
      victim,
      { name: 'acknowledgements', message: { signers: indexList(others), acknowledgements: bytes } },
      'too-few-acknowledgements',
    );
    // Of its two secrets no more than half of the others would give a share each, and t of them are needed.
    const { threshold } = at.server.graph ?? { threshold: 0 };
    expect(Math.ceil((at.ids.length - 1) / 2)).toBeLessThan(threshold);
    // What one more colluder, who gives both, would change: nothing. 2 t > k + c.
    expect(2 * threshold).toBeGreaterThan(at.ids.length - 1 + 1);
  });

  it('gets one answer of each device: another set, or other acknowledgements, end the round for it (attack 2)', () => {
    const at = uploaded();
    const [victim, other] = at.ids;
    const first = messageTo(at, victim, 'survivors');
    expect(at.deliverTo(victim, first)).toBeNull();
    const before = at.devices.get(victim)?.effects.length;
    // The same again has the same effects; nothing else has any.
    expect(at.deliverTo(victim, first)).toBeNull();
    expect(at.devices.get(victim)?.effects.length).toBe((before ?? 0) + 2);
    refuses(at, victim, messageTo(at, other, 'survivors'), 'inconsistent');

    const later = acknowledged();
    const message = messageTo(later, victim, 'acknowledgements');
    expect(later.deliverTo(victim, message)).toBeNull();
    const reveal = later.devices
      .get(victim)
      ?.effects.find((effect) => effect.kind === 'send' && effect.name === 'reveal');
    if (reveal?.kind !== 'send' || reveal.name !== 'reveal') throw new Error('Nothing was revealed.');
    // One share for each dealer, of one secret.
    expect(reveal.message.shares.length).toBe(36 * (later.ids.length - 1));
    const fewer = {
      name: 'acknowledgements' as const,
      message: {
        signers: message.message.signers.slice(4),
        acknowledgements: message.message.acknowledgements.slice(message.message.acknowledgements.length / 23),
      },
    };
    refuses(later, victim, fewer, 'inconsistent');
  });

  it('cannot claim uploads without statements, with changed ones, or of a vector without the mask (attack 1)', () => {
    const at = uploaded();
    const victim = at.ids[0];
    const { message } = messageTo(at, victim, 'survivors');
    const changed = message.statements.slice();
    changed[40] ^= 1;
    const without = message.statements.slice(message.statements.length / 23);
    const moved = bitmapOf(bitmapMembers(message.uploaded, 24, 'it').slice(1), 24);
    const claims: readonly [SecureAggregationCode, Partial<typeof message>][] = [
      ['bad-signature', { statements: changed }],
      ['malformed', { statements: without }],
      ['wrong-survivors', { uploaded: moved, statements: without }],
      ['wrong-survivors', { dropped: message.uploaded }],
    ];
    for (const [code, claim] of claims) {
      refuses(uploadedLike(at), victim, { name: 'survivors', message: { ...message, ...claim } }, code);
    }
  });
});

/** A round in the same place, so that each claim meets a device that has not answered yet. */
function uploadedLike(_: Stage): Stage {
  return uploaded();
}

describe('a coordinator that lies about who takes part', () => {
  it('cannot exchange a key: entries are signed by their identities for this round (attack 3)', () => {
    const at = stage();
    const swapped = signedRoster(at, (entries) => {
      // The mask key of the last device becomes one that the coordinator made.
      entries[23].set(startDevice({ ...at.rehearsal, identity: at.rehearsal.coordinator }).message.maskKey, 64);
      return entries;
    });
    // The device itself sees that it is not the one that it sent; the others see that it is not signed.
    const states = at.ids.map((id) => ({ id, error: at.deliverTo(id, swapped) }));
    const itself = states.filter(({ error }) => error !== null);
    expect(itself.map(({ error }) => error)).toEqual([refusal('roster-invalid')]);
    const neighbour = states.find(({ error }) => error === null)?.id ?? '';
    refuses(at, neighbour, messageTo(at, neighbour, 'neighbourKeys'), 'bad-signature');
  });

  it('cannot replay keys of another round (attack 4)', () => {
    const [old, at] = [stage({ seed: 2 }), stage({ seed: 3 })];
    // The same people, other rounds: the old entry of a device in the new roster.
    const replay = startDevice({
      ...at.rehearsal,
      round: old.rehearsal.round,
      identity: at.rehearsal.devices[0].identity,
    });
    expect(() => at.server.receive(at.ids[0], 'keys', replay.message)).toThrow(/does not belong/);
    const again = stageWithout(0);
    expect(() => again.server.receive(again.ids[0], 'keys', replay.message)).toThrow(SecureAggregationError);
  });

  it('cannot run a round that is too small, whatever its description says (attack 5)', () => {
    const at = stage({ n: 12, minimum: 3 });
    refuses(at, at.ids[0], messageTo(at, at.ids[0], 'roster'), 'roster-too-small');
    const honest = stage();
    refuses(
      honest,
      honest.ids[0],
      signedRoster(honest, (entries) => entries.slice(0, 12)),
      'roster-too-small',
    );
    // Whom it leaves out sees that it is not in.
    const without = signedRoster(honest, (entries) => entries.slice(0, 21));
    const errors = honest.ids.map((id) => honest.deliverTo(id, without)).filter((error) => error !== null);
    expect(errors.length).toBe(3);
    for (const error of errors) expect(error).toEqual(refusal('roster-invalid'));
  });

  it('draws no neighbours: a second roster is refused, and identities outside of the log are (attack 6)', () => {
    const at = stage();
    const victim = lastOf(at);
    at.deliverTo(victim, messageTo(at, victim, 'roster'));
    refuses(
      at,
      victim,
      signedRoster(at, (entries) => entries.slice(0, 23)),
      'inconsistent',
    );
    const { message } = messageTo(at, victim, 'neighbourKeys');
    const proofs: readonly (typeof message.proofs)[] = [
      [],
      message.proofs.slice(1),
      message.proofs.map((proof, i) => (i === 3 ? message.proofs[4] : proof)),
      message.proofs.map((proof, i) => (i === 3 ? { ...proof, path: proof.path.slice(32) } : proof)),
      message.proofs.map((proof, i) => (i === 3 ? { ...proof, index: proof.index + 1 } : proof)),
    ];
    for (const forged of proofs) {
      refuses(at, victim, { name: 'neighbourKeys', message: { ...message, proofs: forged } }, 'unregistered');
    }
    expect(at.deliverTo(victim, { name: 'neighbourKeys', message })).toBeNull();
  });

  it('cannot seat an identity, or a key, twice (attack 7)', () => {
    const at = stage();
    const twice = signedRoster(at, (entries) => [
      ...entries.slice(0, 12),
      entries[11].slice(),
      ...entries.slice(12, 23),
    ]);
    refuses(at, at.ids[0], twice, 'roster-invalid');
    const sharedKey = signedRoster(at, (entries) => {
      entries[3].set(entries[2].subarray(64, 96), 64);
      return entries;
    });
    refuses(at, at.ids[0], sharedKey, 'roster-invalid');
    const unsorted = signedRoster(at, ([first, second, ...rest]) => [second, first, ...rest]);
    refuses(at, at.ids[0], unsorted, 'roster-invalid');
    const topBit = signedRoster(at, (entries) => {
      entries[3][63] |= 0x80;
      return entries;
    });
    refuses(at, at.ids[0], topBit, 'roster-invalid');
  });

  it('shows two rosters to two halves, and neither opens what the other was dealt (attack 13)', () => {
    const at = stage({ n: 26 });
    const [left, right] = [signedRoster(at, (e) => e.slice(0, 25)), signedRoster(at, (e) => e.slice(1))];
    const members = at.ids.filter((id) => at.deliverTo(id, left) === null);
    expect(members.length).toBe(25);
    // A member of both that was shown the left one refuses the right one; signatures over its hash fit no device of the right.
    refuses(at, members[3], right, 'inconsistent');
    const hashes = new Set(
      [left, right].map((roster) => {
        const copy = stage({ n: 26 });
        const id = copy.ids.find((one) => copy.deliverTo(one, roster) === null) ?? '';
        const state = copy.devices.get(id)?.state;
        return state && 'roster' in state ? state.roster.rosterHash.join() : '';
      }),
    );
    expect(hashes.size).toBe(2);
  });
});

function stageWithout(_: number): Stage {
  return stage();
}

describe('a coordinator that loosens the round', () => {
  it('cannot make neighbours and threshold weaker than the device asks for (attack 21)', () => {
    const weak = stage({ n: 60, minimum: 50, degree: 3, threshold: 2, inDegreeCap: 59 });
    refuses(weak, weak.ids[0], messageTo(weak, weak.ids[0], 'roster'), 'graph-unsafe');
    const low = stage({ n: 60, minimum: 50, degree: 40, threshold: 20, inDegreeCap: 59 });
    refuses(low, low.ids[0], messageTo(low, low.ids[0], 'roster'), 'graph-unsafe');
    // A description that assumes that nobody is corrupt has a lower threshold than a device that does not believe it accepts.
    const naive = stage({
      corrupt: 0,
      dropout: 4500,
      policy: { corrupt: 2000, minimumRoster: 20, openedFraction: 5000 },
    });
    refuses(naive, naive.ids[0], messageTo(naive, naive.ids[0], 'roster'), 'graph-unsafe');
  });

  it('cannot crowd a device: above its cap of in-neighbours it leaves (attack 8)', () => {
    const at = stage({ n: 40, minimum: 30, degree: 24, threshold: 18, inDegreeCap: 1, policy: { security: -500 } });
    at.deliver();
    at.answer();
    at.advance();
    const victim = at.ids[0];
    refuses(at, victim, messageTo(at, victim, 'neighbourKeys'), 'too-many-in-neighbours');
  });

  it('cannot name neighbours that did not draw the device, or pass a list as another’s (attack 6)', () => {
    const sparse = { n: 40, minimum: 30, degree: 24, threshold: 18, inDegreeCap: 39, policy: { security: -500 } };
    const at = stage(sparse);
    at.deliver();
    at.answer();
    at.advance();
    const victim = at.ids[0];
    const { message } = messageTo(at, victim, 'neighbourKeys');
    const stride = 4 * 24 + 64;
    const forged = message.lists.slice();
    forged[4 * 24 + 2] ^= 1;
    refuses(at, victim, { name: 'neighbourKeys', message: { ...message, lists: forged } }, 'bad-signature');
    const twice = new Uint8Array([
      ...message.lists.subarray(0, stride),
      ...message.lists.subarray(0, message.lists.length - stride),
    ]);
    expect(at.deliverTo(victim, { name: 'neighbourKeys', message: { ...message, lists: twice } })).toBeInstanceOf(
      SecureAggregationError,
    );
    expect(at.deliverTo(victim, { name: 'neighbourKeys', message })).toBeNull();
  });
});

describe('a coordinator that shows another model to one device (attack 12)', () => {
  it('finds that its keys are signed for another round, and that its masks would never cancel', () => {
    const at = stage();
    const victim = at.rehearsal.devices[7];
    const other = { ...at.rehearsal.round, roundHash: new Uint8Array(32).fill(9) };
    const { message } = startDevice({ ...at.rehearsal, round: other, identity: victim.identity as Identity });
    const roster = signedRoster(at, (entries) =>
      entries.map((entry) => {
        if (!entry.subarray(0, 32).every((byte, i) => byte === victim.identity.publicKey[i])) return entry;
        entry.set(message.shareKey, 32);
        entry.set(message.maskKey, 64);
        entry.set(message.signature, 96);
        return entry;
      }),
    );
    const neighbour = at.ids[0];
    expect(at.deliverTo(neighbour, roster)).toBeNull();
    refuses(at, neighbour, messageTo(at, neighbour, 'neighbourKeys'), 'bad-signature');
  });
});

describe('two exact sums that differ by one member (attack 15)', () => {
  it('tell its vector: that is what noise, and a cap on contributions to one version, are for', () => {
    const plain = (at: Stage, ids: readonly string[]) =>
      ids.reduce((sum, id) => {
        const values = at.devices.get(id)?.device.values[0] ?? new Uint32Array(64);
        return sum.map((value, i) => (value + values[i]) % 2 ** 20);
      }, new Uint32Array(64));
    const at = dealt();
    const [all, without] = [plain(at, at.ids), plain(at, at.ids.slice(1))];
    const victim = at.devices.get(at.ids[0])?.device.values[0] ?? new Uint32Array(0);
    expect(all.map((value, i) => (value - without[i] + 2 ** 20) % 2 ** 20)).toEqual(victim);
  });
});
