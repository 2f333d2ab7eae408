/** A device against a coordinator that does what the real one never would. */
import { createServer } from 'node:net';
import { createIdentity, sign, systemRandom } from '@tributary/privacy';
import { decodePayload, modelVersionBytes, modelVersionHash, RefusalError } from '@tributary/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TributaryError } from '../errors/tributary-error.ts';
import type { TributaryEvents } from '../sdk/events.ts';
import { createTributary, type Tributary } from '../sdk/index.ts';
import type { TributaryOptions } from '../sdk/options.ts';
import { memoryStorage } from '../storage/memory-storage.ts';
import { type ScriptedCoordinator, scriptedTask, startScriptedCoordinator } from '../testing/scripted-coordinator.ts';
import { until } from '../testing/until.ts';

let coordinator: ScriptedCoordinator;
const devices: Tributary[] = [];
beforeEach(async () => {
  coordinator = await startScriptedCoordinator();
});
afterEach(async () => {
  await Promise.all(devices.splice(0).map((device) => device.stop()));
  await coordinator.close();
});

async function device(options: Partial<TributaryOptions> = {}, events = 6) {
  const tributary = await createTributary({
    url: coordinator.url,
    // The scripted coordinator opens what it is sent.
    agreement: { plans: ['sealed'] },
    task: scriptedTask,
    consent: 'granted',
    autoStart: false,
    backoff: { baseMilliseconds: 20, maximumMilliseconds: 50 },
    ...options,
  });
  devices.push(tributary);
  const errors: TributaryError[] = [];
  const rounds: TributaryEvents['round'][] = [];
  tributary.on('error', (error) => errors.push(error));
  tributary.on('round', (round) => rounds.push(round));
  for (let i = 0; i < events; i++) await tributary.track({ type: 'view', itemId: `film-${i * 3}`, at: i });
  return { tributary, errors, rounds };
}

const joined = () => [...coordinator.devices].some((each) => each.joined);

describe('a session', () => {
  it('takes part in a round, and what arrives is a clipped, finite contribution of the agreed length', async () => {
    const { tributary, rounds, errors } = await device();
    tributary.start();
    await until(joined);
    const descriptor = coordinator.descriptor();
    coordinator.notify('invitation', descriptor);
    await until(() => coordinator.uploads.has(descriptor.round));
    await until(() => rounds.at(-1)?.phase === 'uploaded');
    expect(rounds.map(({ phase }) => phase)).toEqual(['invited', 'downloading', 'training', 'uploading', 'uploaded']);
    expect(errors).toEqual([]);
    const payload = decodePayload(coordinator.uploads.get(descriptor.round) as Uint8Array, descriptor.sections);
    expect(payload.weight).toBe(1);
    expect(payload.evaluation[0]).toBeCloseTo(0.01, 6);
    const norm = Math.hypot(...payload.contribution, ...payload.evaluation);
    expect(norm).toBeGreaterThan(0);
    expect(norm).toBeLessThanOrEqual(1 + 2 ** -20);
  });

  it('does not join before there is something to train on', async () => {
    const { tributary } = await device({}, 0);
    tributary.start();
    await until(() => tributary.state === 'waiting');
    expect(coordinator.received).not.toContain('join');
    await tributary.track({ type: 'view', itemId: 'film-1' });
    await until(joined);
  });

  it('ends when the task does, with the last version in use', async () => {
    const { tributary } = await device();
    const versions: string[] = [];
    tributary.on('version', ({ hash }) => versions.push(hash));
    tributary.start();
    await until(joined);
    const first = coordinator.version.hash;
    const last = coordinator.publish(new Float32Array(coordinator.version.parameterBytes / 4).fill(0.5), 1);
    coordinator.notify('taskEnded', { reason: 'all rounds done', version: last });
    expect(await tributary.finished).toEqual({ outcome: 'ended', reason: 'all rounds done' });
    expect(versions).toEqual([first, last.hash]);
    await until(() => coordinator.devices.size === 0);
    expect((await tributary.recommend({ count: 3 })).items).toHaveLength(3);
  });

  describe('refuses', () => {
    it('a model version that somebody else signed, and does not use it', async () => {
      const foreign = createIdentity(systemRandom);
      const { version } = coordinator;
      coordinator.version = { ...version, signature: sign(modelVersionBytes(version), foreign.secretKey) };
      const { tributary, errors } = await device();
      tributary.start();
      await until(() => errors.length > 0);
      expect(errors[0]).toMatchObject({ code: 'forged', message: expect.stringContaining('not signed by') });
      expect(coordinator.received).not.toContain('fetch');
      expect(coordinator.received).not.toContain('join');
      await expect(tributary.recommend()).rejects.toMatchObject({ code: 'no-model' });
    });

    it('a version whose hash is not its own', async () => {
      coordinator.version = { ...coordinator.version, hash: 'ab'.repeat(32) };
      const { tributary, errors } = await device();
      tributary.start();
      await until(() => errors.length > 0);
      expect(errors[0]).toMatchObject({ code: 'forged', message: expect.stringContaining('not what its hash says') });
    });

    it('parameters that are not those of the signed version', async () => {
      const { handlers } = coordinator;
      const honest = handlers.fetch;
      handlers.fetch = async (content, from) => {
        const answer = await honest(content, from);
        if (content.kind !== 'model') return answer;
        const bytes = answer.bytes.slice();
        bytes[7] ^= 1;
        return { ...answer, bytes };
      };
      const { tributary, errors } = await device();
      tributary.start();
      await until(() => errors.length > 0);
      expect(errors[0].message).toMatch(/does not hash to what was asked for/);
      await expect(tributary.recommend()).rejects.toMatchObject({ code: 'no-model' });
      handlers.fetch = honest;
      await until(() => tributary.state === 'waiting');
      expect((await tributary.recommend()).items.length).toBe(10);
    });

    it('a layout that is not the one of the task, signed or not', async () => {
      const fields = { ...coordinator.version, layoutHash: 'cd'.repeat(32) };
      coordinator.version = {
        ...fields,
        hash: modelVersionHash(fields),
        signature: sign(modelVersionBytes(fields), coordinator.key.secretKey),
      };
      const { tributary } = await device();
      tributary.start();
      expect(await tributary.finished).toMatchObject({ outcome: 'failed', error: { code: 'policy' } });
    });

    it('a coordinator with another key than the pinned one, before it says who it is', async () => {
      const storage = memoryStorage();
      await storage.writeRecord('coordinatorKey', { key: 'ef'.repeat(32) });
      const { tributary } = await device({ storage });
      tributary.start();
      expect(await tributary.finished).toMatchObject({ outcome: 'failed', error: { code: 'coordinator-key' } });
      expect(coordinator.received).toEqual([]);
    });

    it('an invitation with a forged signature, without an answer', async () => {
      const { tributary, errors } = await device();
      tributary.start();
      await until(joined);
      coordinator.notify('invitation', coordinator.descriptor({ signature: new Uint8Array(64) }));
      await until(() => errors.length > 0);
      expect(errors[0].code).toBe('forged');
      expect(coordinator.declines).toEqual([]);
      expect(coordinator.received).not.toContain('uploadOpen');
    });

    it.each([
      ['too small a cohort', { cohortMinimum: 1 }, /at least 2/],
      ['a clip norm out of range', { clipNorm: 1e12 }, /clip norm/],
      ['another layout', { layoutHash: 'ab'.repeat(32) }, /another layout/],
      ['other sections', { sections: { contribution: 7, evaluation: 6, weight: 1 as const } }, /sections/],
      ['a round of the past', { round: 0 }, /must rise/],
      ['a greedy evaluation scale', { evaluationScale: 0.5 }, /evaluation scale/],
    ])('a round with %s, by declining it', async (_, fields, message) => {
      const { tributary, errors, rounds } = await device();
      tributary.start();
      await until(joined);
      const descriptor = coordinator.descriptor(fields);
      coordinator.notify('invitation', descriptor);
      await until(() => coordinator.declines.length > 0);
      expect(coordinator.declines).toEqual([{ round: descriptor.round, reason: 'policy' }]);
      expect(errors[0]).toMatchObject({ code: 'policy', message: expect.stringMatching(message) });
      expect(rounds[0].phase).toBe('declined');
      expect(coordinator.received).not.toContain('uploadOpen');
    });

    it('to take part twice in one round', async () => {
      const { tributary, rounds, errors } = await device();
      tributary.start();
      await until(joined);
      const descriptor = coordinator.descriptor();
      coordinator.notify('invitation', descriptor);
      await until(() => rounds.at(-1)?.phase === 'uploaded');
      coordinator.notify('invitation', descriptor);
      await until(() => errors.length > 0);
      expect(errors[0]).toMatchObject({ code: 'policy', message: expect.stringContaining('must rise') });
      expect(coordinator.received.filter((name) => name === 'uploadOpen')).toHaveLength(1);
    });

    it('messages that are not of the protocol, and goes on', async () => {
      const { tributary, errors } = await device();
      tributary.start();
      await until(joined);
      for (const { socket } of coordinator.devices) {
        socket.emit('invitation', 'text');
        socket.emit('invitation', new Uint8Array(100_000));
        socket.emit('invitation', new Uint8Array([0xc1]));
        socket.emit('surprise', new Uint8Array(1));
        socket.emit('join', new Uint8Array(1));
      }
      await until(() => errors.length === 5);
      expect(errors.map(({ code }) => code)).toEqual(Array(5).fill('malformed'));
      coordinator.notify('invitation', coordinator.descriptor());
      await until(() => coordinator.uploads.size === 1);
    });
  });

  it.each([
    ['identity-in-use', 'identity-in-use', /storage of its own/],
    ['unknown-task', 'unknown-task', /Check the name/],
    ['protocol-too-old', 'protocol-version', /protocol 1/],
  ] as const)('gives up on %s, and says what to do', async (refusal, code, message) => {
    coordinator.handlers.authenticate = () => {
      throw new RefusalError(refusal, 'no');
    };
    const { tributary } = await device();
    tributary.start();
    const outcome = await tributary.finished;
    expect(outcome).toMatchObject({ outcome: 'failed', error: { code, message: expect.stringMatching(message) } });
    expect(tributary.state).toBe('failed');
    expect(coordinator.received).toEqual(['authenticate']);
  });

  it('resumes an upload at the byte where the connection was cut, with the same sealed bytes', async () => {
    await coordinator.close();
    coordinator = await startScriptedCoordinator({ items: 60_000 });
    const { tributary, rounds } = await device();
    tributary.start();
    await until(joined);
    const offsets: number[] = [];
    const honest = coordinator.handlers.uploadChunk;
    coordinator.handlers.uploadChunk = (content, from) => {
      offsets.push(content.offset);
      const answer = honest(content, from);
      if (offsets.length === 2) coordinator.cut();
      return answer;
    };
    coordinator.notify('invitation', coordinator.descriptor());
    await until(() => rounds.at(-1)?.phase === 'uploaded');
    expect(offsets.slice(0, 4)).toEqual([0, 262_144, 524_288, 786_432]);
    expect(rounds.filter(({ phase }) => phase === 'training')).toHaveLength(1);
    expect(coordinator.uploads.size).toBe(1);
  });

  it('resumes a download at the byte where the connection was cut', async () => {
    await coordinator.close();
    coordinator = await startScriptedCoordinator({ items: 60_000 });
    const offsets: number[] = [];
    const honest = coordinator.handlers.fetch;
    coordinator.handlers.fetch = (content, from) => {
      if (content.kind === 'model') {
        offsets.push(content.offset);
        if (offsets.length === 3) {
          coordinator.cut();
          throw new RefusalError('internal', 'cut');
        }
      }
      return honest(content, from);
    };
    const { tributary } = await device();
    tributary.start();
    await until(() => tributary.state === 'waiting');
    expect(offsets.slice(0, 4)).toEqual([0, 262_144, 524_288, 524_288]);
  });

  it('waits as long as a busy coordinator says', async () => {
    let asked = 0;
    const times: number[] = [];
    const honest = coordinator.handlers.uploadOpen;
    coordinator.handlers.uploadOpen = (content, from) => {
      times.push(performance.now());
      if (++asked <= 2) throw new RefusalError('busy', 'later', 100);
      return honest(content, from);
    };
    const { tributary } = await device();
    tributary.start();
    await until(joined);
    coordinator.notify('invitation', coordinator.descriptor());
    await until(() => coordinator.uploads.size === 1);
    expect(times[1] - times[0]).toBeGreaterThan(95);
    expect(times[2] - times[1]).toBeGreaterThan(95);
  });

  it('drops the connection that does not answer in time, and tries anew', async () => {
    let silent = true;
    const honest = coordinator.handlers.join;
    coordinator.handlers.join = (content, from) => (silent ? new Promise(() => {}) : honest(content, from));
    const { tributary, errors } = await device({ requestTimeoutMilliseconds: 1500 });
    tributary.start();
    await until(() => errors.length > 0);
    expect(errors[0]).toMatchObject({ code: 'connection', message: expect.stringContaining("did not answer 'join'") });
    silent = false;
    await until(joined);
  });

  it('reports one error per outage, and comes back when the coordinator does', async () => {
    const { tributary, errors } = await device();
    const port = Number(new URL(coordinator.url).port);
    const { key } = coordinator;
    tributary.start();
    await until(joined);
    await coordinator.close();
    await until(() => errors.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(errors.map(({ code }) => code)).toEqual(['connection']);
    expect(['offline', 'connecting']).toContain(tributary.state);
    coordinator = await startScriptedCoordinator({ key, port });
    await until(joined);
  });

  it('says so when what answers is no coordinator', async () => {
    const server = createServer((socket) => socket.on('data', () => socket.end('HTTP/1.1 404 Not Found\r\n\r\n')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { tributary, errors } = await device({ url: `http://127.0.0.1:${port}` });
    tributary.start();
    await until(() => errors.length > 0);
    expect(errors[0].code).toBe('connection');
    await tributary.stop();
    server.close();
  });

  it('uploads after a restart of the app what an earlier run has sealed, instead of training again', async () => {
    const storage = memoryStorage();
    const keptOpen = { ...storage, close: async () => {} };
    coordinator.handlers.uploadChunk = () => new Promise(() => {});
    const first = await device({ storage: keptOpen });
    first.tributary.start();
    await until(joined);
    const descriptor = coordinator.descriptor();
    coordinator.notify('invitation', descriptor);
    await until(() => coordinator.received.includes('uploadChunk'));
    await first.tributary.stop();
    coordinator.handlers.uploadChunk = ({ bytes }) => ({ received: bytes.length });
    let closed: number | null = null;
    coordinator.handlers.uploadClose = ({ round }) => {
      closed = round;
      return {};
    };
    const second = await device({ storage: keptOpen }, 0);
    second.tributary.start();
    await until(() => closed !== null);
    expect(closed).toBe(descriptor.round);
    await until(() => second.rounds.at(-1)?.phase === 'uploaded');
    expect(second.rounds.map(({ phase }) => phase)).toEqual(['uploading', 'uploaded']);
    expect(await storage.readRecord('participation')).toMatchObject({
      lastRound: descriptor.round,
      contributions: 1,
      uploads: 1,
    });
  });

  it('gives up an upload whose round has ended', async () => {
    coordinator.handlers.uploadOpen = () => new Promise(() => {});
    const { tributary, rounds } = await device();
    tributary.start();
    await until(joined);
    const descriptor = coordinator.descriptor();
    coordinator.notify('invitation', descriptor);
    await until(() => coordinator.received.includes('uploadOpen'));
    coordinator.notify('roundEnded', {
      round: descriptor.round,
      outcome: 'abandoned',
      reason: 'too few',
      version: null,
    });
    await until(() => rounds.at(-1)?.phase === 'abandoned');
    expect(rounds.slice(-2)).toEqual([
      { round: descriptor.round, phase: 'missed', reason: 'the round has ended' },
      { round: descriptor.round, phase: 'abandoned', reason: 'too few' },
    ]);
    coordinator.handlers.uploadOpen = () => ({ offset: 0 });
    coordinator.handlers.uploadChunk = ({ offset, bytes }) => ({ received: offset + bytes.length });
    coordinator.handlers.uploadClose = () => ({});
    coordinator.notify('invitation', coordinator.descriptor());
    await until(() => rounds.at(-1)?.phase === 'uploaded');
  });
});
