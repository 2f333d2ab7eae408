/** A device in secure rounds: real machines around it, over sockets that are cut, and a coordinator that lies. */
import { createHash } from 'node:crypto';
import {
  bitmapMembers,
  bitmapOf,
  type CoordinatorMessage,
  createIdentity,
  decodeSum,
  findGraph,
  hexToBytes,
  inDegreeCap,
  type SecureAggregationCode,
  sign,
  systemRandom,
} from '@tributary/privacy';
import { RefusalError, type RequestName, roundDescriptorBytes } from '@tributary/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SecureAgreement } from '../agreement/agreement.ts';
import type { TributaryError } from '../errors/tributary-error.ts';
import type { TributaryEvents } from '../sdk/events.ts';
import { createTributary, type Tributary } from '../sdk/index.ts';
import type { TributaryOptions } from '../sdk/options.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import { type ScriptedCoordinator, scriptedTask, startScriptedCoordinator } from '../testing/scripted-coordinator.ts';
import { logOf, runSecureRound, type SecureRoundOptions } from '../testing/scripted-secure-round.ts';
import { createPeers } from '../testing/secure-peers.ts';

let coordinator: ScriptedCoordinator;
const devices: Tributary[] = [];
beforeEach(async () => {
  coordinator = await startScriptedCoordinator({ plan: 'secure' });
});
afterEach(async () => {
  await Promise.all(devices.splice(0).map((device) => device.stop()));
  await coordinator.close();
});

/** Everybody but the device, always the same: making identities costs more than a round. */
const peers = createPeers(23);

async function device(options: Partial<TributaryOptions> = {}) {
  const tributary = await createTributary({
    url: coordinator.url,
    task: scriptedTask,
    consent: 'granted',
    autoStart: false,
    backoff: { baseMilliseconds: 10, maximumMilliseconds: 20 },
    ...options,
  });
  devices.push(tributary);
  const errors: TributaryError[] = [];
  const rounds: TributaryEvents['round'][] = [];
  tributary.on('error', (error) => errors.push(error));
  tributary.on('round', (round) => rounds.push(round));
  for (let i = 0; i < 6; i++) await tributary.track({ type: 'view', itemId: `film-${i * 3}`, at: i });
  tributary.start();
  await until(() => [...coordinator.devices].some((each) => each.joined));
  const phases = () => rounds.map(({ phase }) => phase);
  const run = (given: Partial<SecureRoundOptions> = {}) =>
    runSecureRound(coordinator, { device: tributary.deviceId, peers, ...given });
  return { tributary, errors, rounds, phases, run };
}

async function until(what: () => boolean, milliseconds = 8000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!what()) {
    if (Date.now() > end) throw new Error(`not within ${milliseconds} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What has to hold of the device's part of an opened sum, whatever was drawn. */
function expectHonestPart(round: ReturnType<typeof runSecureRound>): void {
  const [contribution, metrics] = round.encodings.map((encoding, section) =>
    Array.from(decodeSum(round.opened?.[section] as Uint32Array, encoding, hexToBytes(hashOf(round))).values),
  );
  const norm = Math.hypot(...contribution);
  expect(norm).toBeGreaterThan(0.01);
  expect(norm).toBeLessThan(round.encodings[0].bound * 1.01);
  // devices, and the weight of a uniform weighting; metrics in [0, 1].
  expect([metrics[0], metrics.at(-1)]).toEqual([1, 1]);
  for (const metric of metrics) expect(metric >= 0 && metric <= 1).toBe(true);
}
const hashOf = (round: ReturnType<typeof runSecureRound>) => {
  const bytes = roundDescriptorBytes(round.descriptor);
  return createHash('sha256').update(bytes).digest('hex');
};

describe('a secure round', () => {
  it('ends with the sum of all, in which the clipped contribution of the device is', async () => {
    const storage = memoryStorage();
    const { rounds, phases, errors, run } = await device({ storage });
    const round = run();
    await until(() => round.opened !== null && phases().at(-1) === 'revealed');
    expectHonestPart(round);
    expect(errors).toEqual([]);
    expect(phases().filter((phase) => phase !== 'downloading' && phase !== 'training')).toEqual([
      'invited',
      'keying',
      'sharing',
      'masking',
      'uploading',
      'uploaded',
      'unmasking',
      'revealed',
    ]);
    expect(rounds[0]).toEqual({ round: round.descriptor.round, phase: 'invited', plan: 'secure' });
    expect(rounds.find(({ phase }) => phase === 'sharing')?.secure).toEqual({
      cohort: 24,
      neighbours: 23,
      threshold: 17,
    });
    expect(await storage.readRecord('participation')).toEqual({ lastRound: round.descriptor.round, contributions: 1 });
    const record = await storage.readRecord('secureParticipation');
    expect(record?.versions).toEqual([{ version: coordinator.version.hash, contributions: 1 }]);
    expect(record?.answered.map(({ what }) => what)).toEqual(['acknowledged', 'revealed']);
  });

  it('has neighbours that the device draws itself, where there are many', async () => {
    const n = 50;
    const graph = findGraph(n, { corrupt: 0.05, dropout: 0.1 });
    if (!graph) throw new Error('fifty devices have a graph');
    const { degree, threshold } = graph;
    const { rounds, errors, phases, run } = await device();
    const round = run({
      peers: createPeers(n - 1),
      secure: { degree, threshold, inDegreeCap: inDegreeCap(n, degree) },
    });
    await until(() => round.opened !== null && phases().at(-1) === 'revealed');
    expectHonestPart(round);
    expect(errors).toEqual([]);
    expect(round.sent.get('neighbours')).toHaveLength(1);
    expect(rounds.at(-2)?.secure).toEqual({ cohort: n, neighbours: degree, threshold });
  });

  it.each(
    (['keys', 'shares', 'uploadOpen', 'uploadChunk', 'uploadClose', 'acknowledge', 'reveal'] as const).flatMap(
      (request) => (['before', 'after'] as const).map((when) => [when, request] as const),
    ),
  )('goes on when the connection is cut %s %s takes effect, with the same bytes', async (when, request) => {
    const { errors, phases, run } = await device();
    const round = run({ cut: { request, when } });
    await until(() => round.opened !== null);
    expectHonestPart(round);
    expect(errors.filter(({ code }) => code !== 'connection')).toEqual([]);
    expect(phases().filter((phase) => phase === 'training')).toHaveLength(1);
    for (const [name, all] of round.sent) {
      for (const bytes of all) expect(Buffer.compare(bytes, all[0]), name).toBe(0);
    }
    const again = round.sent.get(request as RequestName)?.length ?? 0;
    if (when === 'before') expect(again).toBeGreaterThan(1);
  });

  it('is written down before what follows from it is said', async () => {
    const memory = memoryStorage();
    const storage = {
      ...memory,
      // As slow as a disk.
      async writeRecord(...[name, value]: Parameters<typeof memory.writeRecord>) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        await memory.writeRecord(name, value);
      },
    };
    const { run } = await device({ storage: storage as typeof memory });
    const known: Promise<unknown>[] = [];
    const round = run({
      onRequest(name) {
        const record = Promise.all([memory.readRecord('participation'), memory.readRecord('secureParticipation')]);
        known.push(
          record.then(([participation, secure]) => [
            name,
            participation?.lastRound,
            secure?.versions.map(({ contributions }) => contributions) ?? [],
            secure?.answered.map(({ what }) => what) ?? [],
          ]),
        );
      },
    });
    await until(() => round.opened !== null);
    const { round: number } = round.descriptor;
    expect(await Promise.all(known)).toEqual([
      ['keys', number, [], []],
      ['shares', number, [], []],
      ['uploadOpen', number, [1], []],
      ['uploadChunk', number, [1], []],
      ['uploadClose', number, [1], []],
      ['acknowledge', number, [1], ['acknowledged']],
      ['reveal', number, [1], ['acknowledged', 'revealed']],
    ]);
  });

  it('is not answered twice by a device whose storage says that it has answered', async () => {
    const storage = memoryStorage();
    const { errors, run } = await device({ storage });
    const round = run({
      toDevice(message) {
        if (message.name !== 'survivors') return [message];
        // As a second process with the same storage would have left it.
        const rosterHash = Buffer.from(round.server.rosterHash as Uint8Array).toString('hex');
        storage.readRecord('secureParticipation').then(async (record) => {
          if (record === null) throw new Error('the upload is written down');
          await storage.writeRecord('secureParticipation', {
            ...record,
            answered: [{ rosterHash, what: 'acknowledged' }],
          });
          round.show(message);
        });
        return [];
      },
    });
    await until(() => coordinator.declines.length > 0);
    expect(errors).toMatchObject([
      { code: 'unsafe-round', message: expect.stringMatching(/acknowledged this roster/) },
    ]);
    expect(round.sent.has('acknowledge')).toBe(false);
  });

  it('takes up the download of its model again on the next connection', async () => {
    const { errors, phases, run } = await device();
    const parameters = new Float32Array(coordinator.version.parameterBytes / 4).fill(0.1);
    const version = coordinator.publish(parameters, 1);
    coordinator.notify('roundEnded', { round: 0, outcome: 'closed', reason: '', version });
    const honest = coordinator.handlers.fetch;
    let fetched = 0;
    coordinator.handlers.fetch = (content, from) => {
      if (++fetched > 1) return honest(content, from);
      coordinator.cut();
      throw new RefusalError('internal', 'The connection is cut.');
    };
    const round = run();
    await until(() => round.opened !== null && phases().at(-1) === 'revealed');
    expectHonestPart(round);
    expect(fetched).toBeGreaterThan(1);
    expect(errors.filter(({ code }) => code !== 'connection')).toEqual([]);
  });

  it('is left as soon as the device cannot train, before others count on it', async () => {
    const { errors, run } = await device();
    const parameters = new Float32Array(coordinator.version.parameterBytes / 4).fill(Number.NaN);
    const version = coordinator.publish(parameters, 1);
    coordinator.notify('roundEnded', { round: 0, outcome: 'closed', reason: '', version });
    const round = run({ toDevice: () => [] });
    await until(() => coordinator.declines.length > 0);
    expect(coordinator.declines).toEqual([{ round: round.descriptor.round, reason: 'unable' }]);
    expect(errors).toMatchObject([{ code: 'training' }]);
    expect(round.sent.has('shares')).toBe(false);
  });

  it('is left when consent is withdrawn, with nothing more said', async () => {
    const { tributary, run } = await device();
    const round = run({ toDevice: (message) => (message.name === 'survivors' ? [] : [message]) });
    await until(() => round.vector !== null && round.server.phase === 'acknowledgements');
    await tributary.consent.revoke();
    const before = coordinator.received.length;
    for (const message of round.shown()) round.show(message);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(coordinator.received.length).toBe(before);
    expect(round.sent.has('acknowledge')).toBe(false);
  });

  it('is left for good by a restart of the app, which has none of its keys', async () => {
    const storage = { ...memoryStorage(), close: async () => {} };
    const first = await device({ storage });
    const round = first.run({ toDevice: () => [] });
    await until(() => round.server.phase === 'shares');
    await first.tributary.stop();
    const second = await device({ storage });
    coordinator.notify('invitation', round.descriptor);
    await until(() => second.errors.length > 0);
    expect(second.errors[0]).toMatchObject({ code: 'policy', message: expect.stringMatching(/must rise/) });
    expect(round.sent.get('keys')).toHaveLength(1);
  });

  it('is forgotten when the coordinator says that it has ended', async () => {
    const { phases, run } = await device();
    const round = run({ toDevice: () => [] });
    await until(() => round.server.phase === 'shares');
    coordinator.notify('roundEnded', {
      round: round.descriptor.round,
      outcome: 'abandoned',
      reason: 'too few',
      version: null,
    });
    await until(() => phases().at(-1) === 'abandoned');
    for (const message of round.shown()) round.show(message);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(round.sent.has('shares')).toBe(false);
    expect(phases()).toContain('missed');
  });

  it('counts whom the device has met where identities are known at first use', async () => {
    const { rounds, run, phases } = await device({ agreement: { secure: { identities: ['first-use'] } } });
    const met = () => rounds.filter(({ secure }) => secure).map(({ secure }) => secure?.met);
    const first = run({ log: null });
    await until(() => first.opened !== null && phases().at(-1) === 'revealed');
    expect(new Set(met())).toEqual(new Set([0]));
    coordinator.publish(new Float32Array(coordinator.version.parameterBytes / 4).fill(0.5), 1);
    coordinator.notify('roundEnded', {
      round: first.descriptor.round,
      outcome: 'closed',
      reason: '',
      version: coordinator.version,
    });
    const second = run({ log: null, peers: [...peers.slice(3), ...createPeers(3)] });
    await until(() => second.opened !== null);
    expect(met().at(-1)).toBe(20);
  });
});

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
    const { errors, phases, run } = await device();
    const round = run({ toDevice: lie });
    await until(() => coordinator.declines.length > 0);
    expect(coordinator.declines).toEqual([{ round: round.descriptor.round, reason: 'unsafe' }]);
    expect(errors).toMatchObject([{ code: 'unsafe-round', cause: { code } }]);
    expect(phases().at(-1)).toBe('declined');
    expect(round.sent.has(unsent)).toBe(false);
    expect(round.opened).toBeNull();
    // Nothing is answered any more.
    const before = coordinator.received.length;
    for (const message of round.shown()) round.show(message);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(coordinator.received.length).toBe(before);
  });

  it('at a graph that proves too little, whatever the description assumes', async () => {
    const { errors, run } = await device();
    const round = run({ secure: { degree: 3, threshold: 2, inDegreeCap: 23, corrupt: 0 } });
    await until(() => coordinator.declines.length > 0);
    expect(errors).toMatchObject([{ code: 'unsafe-round', cause: { code: 'graph-unsafe' } }]);
    expect(coordinator.declines[0].reason).toBe('unsafe');
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
    const refusing = await device({ agreement: { secure: strict } });
    const round = refusing.run(options);
    await until(() => coordinator.declines.length > 0);
    expect(refusing.errors).toMatchObject([{ code: 'unsafe-round', cause: { code: 'graph-unsafe' } }]);
    expect([round.sent.has('neighbours'), round.sent.has('shares')]).toEqual([false, false]);
    await refusing.tributary.stop();
    const taking = await device({ agreement: { secure: lax } });
    const accepted = taking.run(options);
    await until(() => accepted.opened !== null);
    expectHonestPart(accepted);
    expect(taking.errors).toEqual([]);
  });

  it('at a roster below its own minimum, in a round that promises as much', async () => {
    const { errors, run } = await device({ agreement: { secure: { minimumRoster: 20 } } });
    run({ peers: peers.slice(0, 18), fields: { cohortMinimum: 19, cohortTarget: 19 } });
    await until(() => coordinator.declines.length > 0);
    expect(errors).toMatchObject([{ code: 'policy', message: expect.stringMatching(/at least 20/) }]);
    expect(coordinator.received).not.toContain('keys');
  });
});

describe('a device does not enter a secure round', () => {
  it("that another coordinator's key has signed", async () => {
    const { errors, run } = await device();
    const foreign = createIdentity(systemRandom);
    const { signature: _, ...fields } = coordinator.descriptor();
    run({ fields: { signature: sign(roundDescriptorBytes(fields), foreign.secretKey) } });
    await until(() => errors.length > 0);
    expect(errors[0].code).toBe('forged');
    expect(coordinator.declines).toEqual([]);
    expect(coordinator.received).not.toContain('keys');
  });

  it('of a log that shrank or was rewritten, and enters the next that grew', async () => {
    const { tributary, errors, run, phases } = await device();
    const all = [...peers.map(({ publicKey }) => publicKey), hexToBytes(tributary.deviceId)];
    const stop = { toDevice: () => [] };
    const extended = [...all, ...createPeers(9).map(({ publicKey }) => publicKey)];
    const large = logOf(coordinator, extended);
    const first = run({ ...stop, log: large });
    await until(() => first.sent.has('keys'));
    for (const [index, members] of [all, [...all.slice(1), ...all.slice(0, 1), ...all]].entries()) {
      const round = run({ ...stop, log: logOf(coordinator, members) });
      await until(() => coordinator.declines.length === index + 1);
      expect(coordinator.declines[index]).toEqual({ round: round.descriptor.round, reason: 'unsafe' });
      expect(errors[index]).toMatchObject({ code: 'forged', message: expect.stringMatching(/did not grow/) });
      expect(round.sent.has('keys')).toBe(false);
    }
    run({ log: logOf(coordinator, [...extended, ...createPeers(2).map(({ publicKey }) => publicKey)]) });
    await until(() => phases().at(-1) === 'revealed');
  });

  it('about a model version that it has contributed to', async () => {
    const { errors, run, phases } = await device();
    const first = run();
    await until(() => first.opened !== null && phases().at(-1) === 'revealed');
    const second = run();
    await until(() => coordinator.declines.length > 0);
    expect(coordinator.declines).toEqual([{ round: second.descriptor.round, reason: 'policy' }]);
    expect(errors).toMatchObject([
      { code: 'policy', message: expect.stringMatching(/has contributed to model version/) },
    ]);
    expect(second.sent.has('keys')).toBe(false);
    coordinator.publish(new Float32Array(coordinator.version.parameterBytes / 4).fill(0.5), 1);
    coordinator.notify('roundEnded', {
      round: second.descriptor.round,
      outcome: 'closed',
      reason: '',
      version: coordinator.version,
    });
    const third = run();
    await until(() => third.opened !== null);
  });

  it('beyond as many rosters a day as it agrees to', async () => {
    const { errors, run } = await device({ agreement: { secure: { rostersPerDay: 2 } } });
    for (let i = 0; i < 2; i++) {
      const round = run({ toDevice: () => [] });
      await until(() => round.sent.has('keys'));
    }
    const third = run();
    await until(() => coordinator.declines.length > 0);
    expect(coordinator.declines).toEqual([{ round: third.descriptor.round, reason: 'policy' }]);
    expect(errors[0].message).toMatch(/2 rosters in 24 hours/);
  });

  it('of another plan than the task has announced', async () => {
    const { errors } = await device({ agreement: { plans: ['secure', 'sealed'] } });
    coordinator.notify('invitation', coordinator.descriptor());
    await until(() => coordinator.declines.length > 0);
    expect(errors[0]).toMatchObject({
      code: 'policy',
      message: expect.stringMatching(/'sealed'; the task's is 'secure'/),
    });
  });
});
