/**
 * A whole round with real cryptography in one process: CPU seconds of single devices and of the coordinator apart. The other devices
 * share what they verify, so that a thousand of them take minutes; those that are measured, and the coordinator, share nothing.
 */
import { openCpuEngine, unmask } from '@tributary/coordinator/aggregation';
import {
  createSecureServer,
  type DeviceEffect,
  type DeviceEvent,
  type DeviceState,
  deviceTransition,
  encodeSection,
  type MaskSeed,
  maskVector,
  memoisedReadRoster,
  memoisedVerify,
  scaleFor,
  sha256,
  startDevice,
  systemRandom,
  wipeDevice,
} from '@tributary/privacy';
import { encode, uploadChunks } from '@tributary/protocol';
import { plainSum, type RehearsalDevice, rehearse } from '../../packages/privacy/src/secagg/testing/rehearsal.ts';
import { bits, corrupt, dropout, type RoundPlan } from './plan.ts';

const rotationKey = systemRandom.bytes(32);
/** Devices that are measured: the last to have their turn, when everything is compiled. */
const sampled = 5;

export interface MeasuredRound {
  readonly n: number;
  readonly d: number;
  /** CPU seconds of one device, the median of those measured, and of the coordinator. */
  readonly device: number;
  readonly server: number;
  /** Most bytes that one of them sent, as encoded messages. */
  readonly sent: number;
  /** Whether the opened sum equals the plain one. */
  readonly exact: boolean;
}

/** Adds up the CPU seconds of what runs under it. */
function meter() {
  let spent = 0;
  const since = (before: NodeJS.CpuUsage) => {
    const { user, system } = process.cpuUsage(before);
    spent += (user + system) / 1e6;
  };
  return {
    of<T>(work: () => T): T {
      const before = process.cpuUsage();
      const result = work();
      since(before);
      return result;
    },
    async ofPromise(work: () => Promise<void>): Promise<void> {
      const before = process.cpuUsage();
      await work();
      since(before);
    },
    seconds: () => spent,
  };
}
type Meter = ReturnType<typeof meter>;

interface Running {
  readonly device: RehearsalDevice;
  readonly meter: Meter;
  state: DeviceState;
  effects: readonly DeviceEffect[];
  sent: number;
}

export async function measureRound(plan: RoundPlan, d: number): Promise<MeasuredRound> {
  const { n, degree, threshold, inDegreeCap, minimum, lost } = plan;
  const sections = [{ length: d, bits }];
  const rehearsal = rehearse({
    ...{ n, sections, seed: n, minimum, degree, threshold, inDegreeCap, corrupt, dropout },
    policy: { openedFraction: 5000 },
    // Every twentieth: they are neighbours of the measured ones like any others.
    dropsBefore: (index) => (index % 20 === 19 && index < 20 * lost ? 'upload' : undefined),
  });
  const { round, coordinator, devices, policy, random, proofOf } = rehearsal;
  // The very last one may be among the lost.
  const measured = new Set(devices.slice(-1 - sampled, -1));
  const shared = { verify: memoisedVerify(16 * n), readRoster: memoisedReadRoster() };
  const atServer = meter();
  const server = createSecureServer({ round, coordinator, devices: devices.map(({ id }) => id), proofOf });
  const running = new Map<string, Running>();

  for (const device of devices) {
    const { identity } = device;
    const own = meter();
    const verifiers = measured.has(device) ? {} : shared;
    const { state, message } = own.of(() => startDevice({ round, policy, identity, random, ...verifiers }));
    running.set(device.id, {
      device,
      meter: own,
      state,
      effects: [],
      sent: encode('keys', { round: 1, ...message }).length,
    });
    atServer.of(() => server.receive(device.id, 'keys', message));
  }
  const step = (one: Running, event: DeviceEvent) => {
    const next = one.meter.of(() => deviceTransition(one.state, event, random));
    one.state = next.state;
    one.effects = [...one.effects, ...next.effects];
  };
  const advance = () => {
    const { messages } = atServer.of(() => server.advance());
    for (const [id, list] of messages) {
      const one = running.get(id);
      if (!one) continue;
      one.effects = [];
      for (const { name, message } of list) step(one, { kind: name, message } as DeviceEvent);
    }
  };
  const answer = () => {
    for (const [id, one] of running) {
      for (const effect of one.effects) {
        if (effect.kind !== 'send') continue;
        one.sent += sentBytes(effect);
        atServer.of(() => server.receive(id, effect.name, effect.message));
      }
    }
  };

  advance();
  if (server.phase === 'neighbours') {
    answer();
    advance();
  }
  answer();
  advance();

  const sum = atServer.of(() => openCpuEngine({ threads: 0 }).createModularSum(sections));
  for (const [id, one] of running) {
    if (one.device.dropsBefore) {
      wipeDevice(one.state);
      running.delete(id);
      continue;
    }
    const masks = one.effects.find((effect) => effect.kind === 'mask')?.masks ?? [];
    const vector = one.meter.of(() => upload(one.device, d, masks));
    const hash = one.meter.of(() => sha256(vector));
    step(one, { kind: 'masked', vectorHash: hash });
    const statement = one.effects.find((effect) => effect.kind === 'upload')?.statement;
    if (!statement) throw new Error('A masked vector has its statement.');
    one.sent += encode('uploadOpen', { round: 1, bytes: vector.length, sha256: hash, statement }).length;
    for (const chunk of uploadChunks(vector, 0)) one.sent += encode('uploadChunk', { round: 1, ...chunk }).length;
    one.sent += encode('uploadClose', { round: 1 }).length;
    atServer.of(() => {
      server.uploaded(id, statement, sha256(vector));
      sum.addPacked([vector]);
    });
  }
  const uploaded = [...running.keys()];
  advance();
  answer();
  advance();
  answer();
  atServer.of(() => server.advance());
  let sums: readonly Uint32Array[] = [];
  await atServer.ofPromise(async () => {
    sums = await unmask(sum, server.opening().masks);
  });
  const [plain] = plainSum(rehearsal, uploaded);
  const of = [...running.values()].filter(({ device }) => measured.has(device));
  return {
    n,
    d,
    device: of.map((one) => one.meter.seconds()).sort((a, b) => a - b)[sampled >> 1],
    server: atServer.seconds(),
    sent: Math.max(...of.map(({ sent }) => sent)),
    exact: sums[0].every((value, i) => (value & (2 ** bits - 1)) === plain[i]),
  };
}

/** Encodes the device's vector and masks it. What it held before is replaced by what was encoded. */
function upload({ values }: RehearsalDevice, d: number, masks: readonly MaskSeed[]): Uint8Array {
  const scale = scaleFor({ bits, length: d, bound: 1, kind: 'rotated', maximumSummed: 1000 });
  const encoding = { section: 0, length: d, bits, scale, bound: 1, kind: 'rotated' } as const;
  const vector = Float32Array.from(values[0], (value) => value / 2 ** bits - 0.5);
  values[0].set(encodeSection(vector, encoding, rotationKey, systemRandom));
  return maskVector(values, [{ length: d, bits }], masks);
}

function sentBytes(effect: Extract<DeviceEffect, { kind: 'send' }>): number {
  switch (effect.name) {
    case 'neighbours':
      return encode(effect.name, { round: 1, ...effect.message }).length;
    case 'shares':
      return encode(effect.name, { round: 1, ...effect.message }).length;
    case 'acknowledge':
      return encode(effect.name, { round: 1, ...effect.message }).length;
    case 'reveal':
      return encode(effect.name, { round: 1, ...effect.message }).length;
  }
}
