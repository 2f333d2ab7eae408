/** A whole secure round in one process, with real cryptography: for tests and benchmarks of the protocol. */
import { bytesToHex } from '../../bytes/hex.ts';
import { sha256 } from '../../hash/index.ts';
import { createIdentity, type Identity, memoisedVerify } from '../../identity/index.ts';
import { createIdentityLog, identityLeaf } from '../../identity-log/index.ts';
import { createModularAccumulator, packedLength } from '../../masking/index.ts';
import { type SecureRandom, seededResearchRandom } from '../../random/index.ts';
import {
  type DeviceEffect,
  type DeviceEvent,
  type DeviceState,
  deviceTransition,
  startDevice,
} from '../client/index.ts';
import { maskVector } from '../mask-vector.ts';
import type { KeysMessage } from '../messages.ts';
import type { SecureRound, SecurityPolicy } from '../secure-round.ts';
import { type Advance, type CoordinatorMessage, createSecureServer, type SecureServer } from '../server/index.ts';

export const population = 'rehearsal';

/** Each phase in which a device may be lost: before it sends that message. */
export type DropPhase = 'keys' | 'neighbours' | 'shares' | 'upload' | 'acknowledge' | 'reveal';

export interface RehearsalDevice {
  readonly id: string;
  readonly identity: Identity;
  /** One array for each section. */
  readonly values: readonly Uint32Array[];
  readonly dropsBefore?: DropPhase | undefined;
}

export interface Rehearsal {
  readonly round: SecureRound;
  readonly coordinator: Identity;
  readonly devices: readonly RehearsalDevice[];
  readonly policy: SecurityPolicy;
  readonly random: SecureRandom;
  readonly proofOf: (identity: Uint8Array) => { readonly index: number; readonly path: Uint8Array } | null;
}

export const laxPolicy: SecurityPolicy = {
  minimumRoster: 3,
  corrupt: 500,
  security: 40,
  openedFraction: 0,
  openedMinimum: 2,
};

/** Devices with registered identities and random values. */
export function rehearse(options: {
  readonly n: number;
  readonly sections: SecureRound['sections'];
  readonly seed: number;
  readonly minimum?: number;
  readonly degree?: number;
  readonly threshold?: number;
  readonly inDegreeCap?: number;
  readonly corrupt?: number;
  readonly dropout?: number;
  readonly policy?: Partial<SecurityPolicy>;
  readonly dropsBefore?: (index: number) => DropPhase | undefined;
}): Rehearsal {
  const { n, sections, seed, corrupt = 500, dropout = 1000 } = options;
  const random = seededResearchRandom(seed);
  const identities = Array.from({ length: n }, () => createIdentity(random));
  const log = createIdentityLog(identities.map(({ publicKey }) => identityLeaf(population, publicKey)));
  const coordinator = createIdentity(random);
  const size = log.size;
  const round: SecureRound = {
    roundHash: sha256(random.bytes(32)),
    coordinatorKey: coordinator.publicKey,
    population,
    sections,
    degree: options.degree ?? 0,
    threshold: options.threshold ?? 0,
    inDegreeCap: options.inDegreeCap ?? n - 1,
    minimum: options.minimum ?? 3,
    maximum: n,
    corrupt,
    dropout,
    identityLog: { size, root: log.root() },
  };
  return {
    round,
    coordinator,
    random,
    policy: { ...laxPolicy, corrupt, ...options.policy },
    devices: identities.map((identity, index) => ({
      id: bytesToHex(identity.publicKey),
      identity,
      values: sections.map(({ length, bits }) => randomValues(length, bits, random)),
      dropsBefore: options.dropsBefore?.(index),
    })),
    proofOf(identity) {
      const index = log.indexOf(identityLeaf(population, identity));
      return index === undefined ? null : { index, path: log.inclusionProof(index, size) };
    },
  };
}

function randomValues(length: number, bits: number, random: SecureRandom): Uint32Array {
  const bytes = random.bytes(4 * length);
  const mask = bits === 32 ? 0xffff_ffff : 2 ** bits - 1;
  return new Uint32Array(bytes.buffer, bytes.byteOffset, length).map((value) => value & mask);
}

/** What the coordinator came to know. */
export interface Outcome {
  /** Opened sums, one for each section. */
  readonly sums: readonly Uint32Array[];
  readonly uploaded: readonly string[];
  readonly server: SecureServer;
  /** Bytes of the masked vectors, as sent. */
  readonly vectors: ReadonlyMap<string, Uint8Array>;
}

/** Means to stand between: an adversary of the tests changes what is delivered. */
export interface Tampering {
  /** What the coordinator sends to a device; null for nothing. */
  readonly toDevice?: (device: string, message: CoordinatorMessage) => CoordinatorMessage | null;
  readonly toServer?: (device: string, effect: Extract<DeviceEffect, { kind: 'send' }>) => typeof effect | null;
}

interface Running {
  readonly device: RehearsalDevice;
  state: DeviceState;
  effects: readonly DeviceEffect[];
}

const order: readonly DropPhase[] = ['keys', 'neighbours', 'shares', 'upload', 'acknowledge', 'reveal'];

/** Runs it to the end. @throws SecureAggregationError when the coordinator or a device ends it */
export function runRehearsal(rehearsal: Rehearsal, tampering: Tampering = {}): Outcome {
  const { round, coordinator, policy, random, devices, proofOf } = rehearsal;
  const verify = memoisedVerify();
  const server = createSecureServer({ verify, round, coordinator, devices: devices.map(({ id }) => id), proofOf });
  const running = new Map<string, Running>();
  const lost = (device: RehearsalDevice, phase: DropPhase) =>
    device.dropsBefore !== undefined && order.indexOf(device.dropsBefore) <= order.indexOf(phase);

  for (const device of devices) {
    if (lost(device, 'keys')) continue;
    const { state, message } = startDevice({ round, policy, identity: device.identity, random, verify });
    running.set(device.id, { device, state, effects: [] });
    server.receive(device.id, 'keys', message as KeysMessage);
  }
  const deliver = ({ messages, excluded }: Advance) => {
    for (const id of excluded.keys()) running.delete(id);
    for (const [id, list] of messages) {
      const one = running.get(id);
      if (!one) continue;
      one.effects = [];
      for (const original of list) {
        const message = tampering.toDevice ? tampering.toDevice(id, original) : original;
        if (!message) continue;
        const event = { kind: message.name, message: message.message } as DeviceEvent;
        const next = deviceTransition(one.state, event, random);
        one.state = next.state;
        one.effects = [...one.effects, ...next.effects];
      }
    }
  };
  const answer = (phase: DropPhase) => {
    for (const [id, one] of running) {
      if (lost(one.device, phase)) running.delete(id);
      else {
        for (const effect of one.effects) {
          if (effect.kind !== 'send') continue;
          const sent = tampering.toServer ? tampering.toServer(id, effect) : effect;
          if (sent) server.receive(id, sent.name, sent.message);
        }
      }
    }
  };

  deliver(server.advance());
  if (server.phase === 'neighbours') {
    answer('neighbours');
    deliver(server.advance());
  }
  answer('shares');
  deliver(server.advance());

  const sums = round.sections.map(({ length, bits }, section) => createModularAccumulator({ length, bits, section }));
  const vectors = new Map<string, Uint8Array>();
  for (const [id, one] of running) {
    const mask = one.effects.find((effect) => effect.kind === 'mask');
    if (lost(one.device, 'upload') || !mask) {
      running.delete(id);
      continue;
    }
    const vector = maskVector(one.device.values, round.sections, mask.masks);
    const vectorHash = sha256(vector);
    const next = deviceTransition(one.state, { kind: 'masked', vectorHash }, random);
    one.state = next.state;
    const upload = next.effects.find((effect) => effect.kind === 'upload');
    if (!upload) throw new Error('A masked vector has no statement.');
    server.uploaded(id, upload.statement, vectorHash);
    vectors.set(id, vector);
    let at = 0;
    round.sections.forEach(({ length, bits }, section) => {
      const bytes = packedLength(length, bits);
      sums[section].addPacked(vector.subarray(at, at + bytes));
      at += bytes;
    });
  }
  const uploaded = [...vectors.keys()];
  deliver(server.advance());
  answer('acknowledge');
  deliver(server.advance());
  answer('reveal');
  server.advance();
  for (const { seed, sign } of server.opening().masks) for (const sum of sums) sum.addMask(seed, sign);
  return { sums: sums.map((sum) => sum.values()), uploaded, server, vectors };
}

/** The plain integer sum of the devices' values, modulo 2^bits. */
export function plainSum(rehearsal: Rehearsal, uploaded: readonly string[]): Uint32Array[] {
  const included = new Set(uploaded);
  return rehearsal.round.sections.map(({ length, bits }, section) => {
    const sum = new Uint32Array(length);
    for (const { id, values } of rehearsal.devices) {
      if (included.has(id)) for (let i = 0; i < length; i++) sum[i] += values[section][i];
    }
    const mask = bits === 32 ? 0xffff_ffff : 2 ** bits - 1;
    return sum.map((value) => value & mask);
  });
}
