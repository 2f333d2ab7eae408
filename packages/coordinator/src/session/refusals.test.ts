/** What a coordinator makes of bad input, over real sockets: a typed refusal, and nothing lost. */
import { createIdentity, seal, sha256, systemRandom } from '@tributary/privacy';
import {
  chunkBytes,
  decode,
  download,
  encode,
  modelVersionHash,
  payloadBytes,
  type RefusalCode,
} from '@tributary/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectRaw, payloadOf, proofOf, sealedTo, upload } from '../testing/raw-device.ts';
import { type SmallWorld, smallDocument, smallTask, startSmallWorld } from '../testing/small-world.ts';

let world: SmallWorld;
afterEach(() => world.close());
const refused = (promise: Promise<unknown>, code: RefusalCode) =>
  expect(promise).rejects.toMatchObject({ name: 'RefusalError', code });

describe('before authentication', () => {
  beforeEach(async () => {
    world = await startSmallWorld();
  });

  it('every request but the proof of identity is refused', async () => {
    const raw = await connectRaw(world.coordinator.url);
    const digest = new Uint8Array(32);
    await refused(raw.request('join', {}), 'not-authenticated');
    await refused(raw.request('leave', {}), 'not-authenticated');
    await refused(raw.request('fetch', { kind: 'model', hash: '0'.repeat(64), offset: 0 }), 'not-authenticated');
    await refused(raw.request('decline', { round: 1, reason: 'policy' }), 'not-authenticated');
    await refused(
      raw.request('uploadOpen', { round: 1, bytes: 1, sha256: digest, statement: null }),
      'not-authenticated',
    );
    await refused(raw.request('uploadChunk', { round: 1, offset: 0, bytes: digest }), 'not-authenticated');
    await refused(raw.request('uploadClose', { round: 1 }), 'not-authenticated');
    raw.close();
  });

  it('a proof is refused that is forged, of another challenge, for another task, or of another identity', async () => {
    const raw = await connectRaw(world.coordinator.url);
    const other = await connectRaw(world.coordinator.url);
    const proof = proofOf(raw, smallTask);
    const forged = { ...proof, signature: proof.signature.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) };
    await refused(raw.request('authenticate', forged), 'bad-signature');
    const replayed = proofOf({ identity: raw.identity, challenge: other.challenge }, smallTask);
    await refused(raw.request('authenticate', replayed), 'bad-signature');
    await refused(raw.request('authenticate', { ...proofOf(raw, 'music'), task: smallTask }), 'bad-signature');
    await refused(raw.request('authenticate', { ...proof, identity: other.identity.publicKey }), 'bad-signature');
    // S + L is the same signature to a lax verifier (RFC 8032 section 5.1.7 demands S < L).
    await refused(raw.request('authenticate', { ...proof, signature: malleated(proof.signature) }), 'bad-signature');
    await expect(raw.request('authenticate', proof)).resolves.toMatchObject({ running: true });
    await refused(raw.request('authenticate', proof), 'replayed');
    raw.close();
    other.close();
  });

  it('says which side to update when the protocol is too old or too new', async () => {
    const raw = await connectRaw(world.coordinator.url);
    await refused(raw.request('authenticate', { ...proofOf(raw, smallTask), protocol: 0 }), 'protocol-too-old');
    await refused(raw.request('authenticate', { ...proofOf(raw, smallTask), protocol: 2 }), 'protocol-too-new');
    raw.close();
  });

  it('an unknown task is named as such', async () => {
    const raw = await connectRaw(world.coordinator.url);
    await refused(raw.authenticate('no-such-task'), 'unknown-task');
    await expect(raw.authenticate(smallTask)).resolves.toBeTruthy();
    raw.close();
  });

  it('whoever proves nothing is disconnected, when the time for it is short', async () => {
    await world.close();
    world = await startSmallWorld(undefined, { authenticationMilliseconds: 50 });
    const raw = await connectRaw(world.coordinator.url);
    await raw.disconnected;
  });
});

describe('messages', () => {
  beforeEach(async () => {
    world = await startSmallWorld();
  });

  it('are refused when unknown, not binary, truncated, oversized, or not their schema', async () => {
    const raw = await world.device();
    await refused(raw.send('launch', new Uint8Array(1)), 'unknown-message');
    await refused(raw.send('toString', new Uint8Array(1)), 'unknown-message');
    await refused(raw.send('invitation', encode('join', {})), 'unknown-message');
    await refused(raw.send('join', { looks: 'fine' }), 'malformed');
    await refused(raw.send('join'), 'malformed');
    await refused(raw.send('uploadClose', encode('uploadClose', { round: 1 }).subarray(0, 4)), 'malformed');
    await refused(raw.send('join', encode('uploadClose', { round: 1 })), 'malformed');
    await refused(raw.send('join', new Uint8Array(65)), 'too-large');
    await refused(raw.send('uploadOpen', encode('uploadClose', { round: 1 })), 'malformed');
    await expect(raw.request('join', {})).resolves.toEqual({ waiting: 0 });
  });

  it('larger than any row of the table end the connection before they are read, and nobody else notices', async () => {
    const [greedy, other] = [await world.device(), await world.device()];
    greedy.socket.emit('join', new Uint8Array(4 * chunkBytes));
    await greedy.disconnected;
    await expect(other.request('join', {})).resolves.toEqual({ waiting: 0 });
  });

  it('of a sender that asks for no reply do no harm', async () => {
    const raw = await world.device();
    raw.socket.emit('join', new Uint8Array(3));
    raw.socket.emit('launch');
    await expect(raw.request('join', {})).resolves.toEqual({ waiting: 0 });
  });

  it('ask in vain for bytes that are not there', async () => {
    const raw = await world.device();
    await refused(raw.request('fetch', { kind: 'model', hash: 'a'.repeat(64), offset: 0 }), 'unknown-version');
    await refused(raw.request('fetch', { kind: 'catalogue', hash: 'a'.repeat(64), offset: 0 }), 'unknown-version');
    const [{ version }] = await world.store.versions(smallTask);
    const model = { kind: 'model' as const, hash: version.parametersHash };
    await refused(raw.request('fetch', { ...model, offset: version.parameterBytes + 1 }), 'wrong-length');
    const { bytes, total } = await raw.request('fetch', { ...model, offset: 0 });
    expect([bytes.length, total]).toEqual([version.parameterBytes, version.parameterBytes]);
  });

  it('get every byte of a model, of the one in force as of earlier ones, and of the catalogue', async () => {
    await world.close();
    world = await startSmallWorld(undefined, { items: 30_000 });
    const { devices, descriptor } = await world.invited(2);
    for (const device of devices)
      await upload(
        device,
        descriptor.round,
        sealedTo(
          descriptor,
          payloadOf(descriptor, (vector) => vector.fill(1e-3, 7, 90)),
        ),
      );
    await devices[0].next('roundEnded');
    const versions = await world.store.versions(smallTask);
    expect(versions).toHaveLength(2);
    const wanted: ['model' | 'catalogue', string][] = versions.map(({ version }) => ['model', version.parametersHash]);
    wanted.push(['catalogue', versions[0].version.catalogueHash]);
    for (const [kind, hash] of wanted) {
      const request = (offset: number) => devices[1].request('fetch', { kind, hash, offset });
      expect((await request(0)).bytes.length).toBe(chunkBytes);
      // Verifies the hash of the whole.
      const bytes = await download({ hash, request });
      await expect(request(bytes.length)).resolves.toMatchObject({ bytes: new Uint8Array(0) });
    }
  });
});

describe('one identity', () => {
  it('is held by one live connection; a second is refused, and the first goes on', async () => {
    world = await startSmallWorld();
    const identity = createIdentity(systemRandom);
    const first = await world.device(identity);
    const second = await connectRaw(world.coordinator.url, identity);
    await refused(second.authenticate(smallTask), 'identity-in-use');
    await expect(first.request('join', {})).resolves.toEqual({ waiting: 0 });
    first.close();
    // The coordinator hears of the end a moment later.
    await expect.poll(() => second.authenticate(smallTask).catch(() => null)).toBeTruthy();
    second.close();
  });

  it('is given to a new connection when the old one no longer answers', async () => {
    world = await startSmallWorld();
    const identity = createIdentity(systemRandom);
    const silent = await world.device(identity);
    // The socket stays open, but nothing that arrives is read any more: a phone that lost its network.
    const transport = silent.socket.io.engine.transport as unknown as { ws: { _socket: { pause(): void } } };
    transport.ws._socket.pause();
    const next = await connectRaw(world.coordinator.url, identity);
    await expect(next.authenticate(smallTask)).resolves.toBeTruthy();
    next.close();
  });
});

describe('an upload', () => {
  it('is refused when it is not of the round: unknown, not invited, before an invitation, after the end', async () => {
    world = await startSmallWorld();
    const outsider = await world.device();
    const open = (round: number) => ({ round, bytes: 10, sha256: new Uint8Array(32), statement: null });
    await refused(outsider.request('uploadOpen', open(1)), 'unknown-round');
    const { devices, descriptor } = await world.invited(2);
    const { round } = descriptor;
    await refused(outsider.request('uploadOpen', open(round)), 'not-invited');
    await refused(outsider.request('decline', { round, reason: 'policy' }), 'not-invited');
    await refused(devices[0].request('uploadOpen', open(round + 1)), 'unknown-round');
    await refused(devices[0].request('uploadChunk', { round, offset: 0, bytes: new Uint8Array(5) }), 'out-of-phase');
    await refused(devices[0].request('uploadClose', { round }), 'out-of-phase');
    for (const device of devices) await upload(device, round, sealedTo(descriptor, payloadOf(descriptor)));
    await devices[0].next('roundEnded');
    await refused(devices[0].request('uploadOpen', open(round)), 'deadline-passed');
  });

  it('is refused when it is wrong inside, and the device may send a right one afterwards', async () => {
    world = await startSmallWorld();
    const { devices, descriptor } = await world.invited(2);
    const [device, other] = devices;
    const { round } = descriptor;
    const send = (fill: (vector: Float32Array) => void) =>
      upload(device, round, sealedTo(descriptor, payloadOf(descriptor, fill)));
    const { contribution, evaluation } = descriptor.sections;
    await refused(
      send((vector) => vector.fill(Number.NaN, 3, 4)),
      'not-finite',
    );
    await refused(
      send((vector) => vector.fill(Number.POSITIVE_INFINITY, 0, 1)),
      'not-finite',
    );
    await refused(
      send((vector) => vector.fill(5.001, 0, 1)),
      'norm-exceeded',
    );
    await refused(
      send((vector) => vector.fill(0.2, contribution, contribution + 1)),
      'norm-exceeded',
    );
    await refused(
      send((vector) => vector.fill(-0.01, contribution, contribution + 1)),
      'norm-exceeded',
    );
    for (const weight of [0, -1, 1.5]) {
      await refused(
        send((vector) => vector.fill(weight, contribution + evaluation)),
        'weight-out-of-range',
      );
    }
    const short = sealedTo(descriptor, payloadOf(descriptor).subarray(4));
    await refused(upload(device, round, short), 'wrong-length');
    const whole = sealedTo(descriptor, payloadOf(descriptor));
    await refused(
      upload(
        device,
        round,
        whole.map((byte, i) => (i === 90 ? byte ^ 1 : byte)),
      ),
      'cannot-open',
    );
    const elsewhere = seal(payloadOf(descriptor), createSealingKey(), systemRandom);
    await refused(upload(device, round, elsewhere), 'cannot-open');
    await device.request('uploadOpen', {
      round,
      bytes: whole.length,
      sha256: sha256(whole.subarray(1)),
      statement: null,
    });
    await device.request('uploadChunk', { round, offset: 0, bytes: whole });
    await refused(device.request('uploadClose', { round }), 'hash-mismatch');

    await upload(device, round, whole);
    await refused(upload(device, round, sealedTo(descriptor, payloadOf(descriptor))), 'duplicate-upload');
    await refused(device.request('decline', { round, reason: 'stopped' }), 'out-of-phase');
    await upload(other, round, sealedTo(descriptor, payloadOf(descriptor)));
    const ended = await device.next('roundEnded');
    expect(ended).toMatchObject({ outcome: 'closed', round });
    const record = (await world.store.rounds(smallTask, 5)).find((candidate) => candidate.round === round);
    expect(record).toMatchObject({ outcome: 'closed', contributions: 2 });
    expect(ended.version?.hash).toBe(ended.version && modelVersionHash(ended.version));
  });

  it('is refused where it leaves a gap, says too much, or ends too soon, and resumes after the device came back', async () => {
    world = await startSmallWorld(undefined, { items: 40_000 });
    const { devices, descriptor } = await world.invited(2);
    const [device, other] = devices;
    const { round } = descriptor;
    const whole = sealedTo(descriptor, payloadOf(descriptor));
    expect(whole.length).toBeGreaterThan(2 * chunkBytes);
    const chunk = (offset: number, length = chunkBytes) =>
      device.request('uploadChunk', { round, offset, bytes: whole.subarray(offset, offset + length) });
    const announced = { round, bytes: whole.length, sha256: sha256(whole), statement: null };
    await device.request('uploadOpen', announced);
    await refused(chunk(10), 'wrong-length');
    expect(await chunk(0)).toEqual({ received: chunkBytes });
    expect(await chunk(0)).toEqual({ received: chunkBytes });
    await refused(chunk(1), 'wrong-length');
    await refused(device.request('uploadClose', { round }), 'wrong-length');

    await device.request('uploadOpen', announced);
    await chunk(0);
    device.socket.io.engine.close();
    const again = await world.device(device.identity);
    expect(await again.request('uploadOpen', announced)).toEqual({ offset: chunkBytes });
    await upload(again, round, whole);
    await upload(other, round, sealedTo(descriptor, payloadOf(descriptor)));
    expect(await again.next('roundEnded')).toMatchObject({ outcome: 'closed' });
  });

  it('after a decline is out of phase; a round without enough contributions is abandoned and says why', async () => {
    world = await startSmallWorld();
    const { devices, descriptor } = await world.invited(2);
    const { round } = descriptor;
    await devices[0].request('decline', { round, reason: 'policy' });
    const open = devices[0].request('uploadOpen', { round, bytes: 10, sha256: new Uint8Array(32), statement: null });
    await refused(open, 'out-of-phase');
    await upload(devices[1], round, sealedTo(descriptor, payloadOf(descriptor)));
    const ended = await devices[1].next('roundEnded');
    expect(ended).toMatchObject({ outcome: 'abandoned', version: null });
    expect(ended.reason).toBe(
      'fewer than 2 contributions had arrived and no invited device was left; at least 2 are needed',
    );
    expect(await world.store.versions(smallTask)).toHaveLength(1);
  });

  it('comes too late after the deadline, and round numbers rise over abandoned rounds', async () => {
    const cohort = { target: 2, minimum: 2, overSelection: 1, selectionSeconds: 5, collectionSeconds: 2 };
    world = await startSmallWorld(smallDocument({ cohort }));
    const { devices, descriptor } = await world.invited(2);
    const bytes = sealedTo(descriptor, payloadOf(descriptor));
    await upload(devices[0], descriptor.round, bytes);
    const ended = await devices[1].next('roundEnded');
    expect(ended).toMatchObject({ outcome: 'abandoned', round: descriptor.round });
    expect(ended.reason).toMatch(/when the deadline passed/);
    await refused(upload(devices[1], descriptor.round, bytes), 'deadline-passed');
    const next = await devices[1].next('invitation');
    expect(next.round).toBe(descriptor.round + 1);
    expect(next.sealingKey).not.toEqual(descriptor.sealingKey);
    // What was sealed to one round does not open in another.
    await refused(upload(devices[1], next.round, bytes), 'cannot-open');
  });

  it('is refused when it is another device’s, seen on the network and sent again, whatever the bits that do not count', async () => {
    const cohort = { target: 3, minimum: 2, overSelection: 1, selectionSeconds: 30, collectionSeconds: 30 };
    world = await startSmallWorld(smallDocument({ cohort }));
    const { devices, descriptor } = await world.invited(3);
    const [victim, thief, other] = devices;
    const { round } = descriptor;
    const bytes = sealedTo(descriptor, payloadOf(descriptor));
    await upload(victim, round, bytes);
    await refused(upload(thief, round, bytes), 'replayed');
    // X25519 ignores the highest bit of a public key (RFC 7748 section 5): other bytes, the same secret.
    await refused(
      upload(
        thief,
        round,
        bytes.map((byte, i) => (i === 31 ? byte ^ 0x80 : byte)),
      ),
      'replayed',
    );
    await upload(other, round, sealedTo(descriptor, payloadOf(descriptor)));
    await thief.request('decline', { round, reason: 'policy' });
    await other.next('roundEnded');
    // The next round may be open already.
    const rounds = await world.store.rounds(smallTask, 5);
    expect(rounds.find((record) => record.round === round)).toMatchObject({ outcome: 'closed', contributions: 2 });
  });

  it('waits for a place, and takes the one that a silent device has lost', async () => {
    world = await startSmallWorld(undefined, { uploadPlaces: 1, uploadIdleMilliseconds: 1000 });
    const { devices, descriptor } = await world.invited(2);
    const { round, sections } = descriptor;
    const bytes = sealedTo(descriptor, payloadOf(descriptor));
    expect(bytes.length).toBeGreaterThan(payloadBytes(sections));
    const announced = { round, bytes: bytes.length, sha256: sha256(bytes), statement: null };
    await devices[0].request('uploadOpen', announced);
    const waited = devices[1].request('uploadOpen', announced);
    expect(await Promise.race([waited, new Promise((resolve) => setTimeout(resolve, 50, 'held back'))])).toBe(
      'held back',
    );
    expect(await waited).toEqual({ offset: 0 });
    await refused(devices[0].request('uploadChunk', { round, offset: 0, bytes }), 'out-of-phase');
    await upload(devices[1], round, bytes);
    await upload(devices[0], round, sealedTo(descriptor, payloadOf(descriptor)));
    expect(await devices[0].next('roundEnded')).toMatchObject({ outcome: 'closed' });
  });
});

describe('refusals', () => {
  it('never repeat what was sent', async () => {
    world = await startSmallWorld();
    const raw = await world.device();
    const planted = 'sku-4711-planted';
    const reply: unknown = await raw.socket.emitWithAck('join', planted);
    expect(Buffer.from(reply as Uint8Array).toString('latin1')).not.toContain(planted);
    const content = Uint8Array.from(Buffer.from(`\x81\xb0${planted}\x01`, 'latin1'));
    const second: unknown = await raw.socket.emitWithAck('decline', content);
    expect(Buffer.from(second as Uint8Array).toString('latin1')).not.toContain(planted);
    expect(() => decode('join', content)).toThrow();
  });
});

/** Of somebody who is not in the round. */
function createSealingKey(): Uint8Array {
  const key = new Uint8Array(32);
  key[0] = 9;
  return key;
}

/** S + L, little-endian (RFC 8032 section 5.1). */
function malleated(signature: Uint8Array): Uint8Array {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const out = signature.slice();
  let s = 0n;
  for (let i = 31; i >= 0; i--) s = (s << 8n) | BigInt(signature[32 + i]);
  s += order;
  for (let i = 0; i < 32; i++, s >>= 8n) out[32 + i] = Number(s & 0xffn);
  return out;
}
