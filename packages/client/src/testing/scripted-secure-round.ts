/**
 * A secure round of the scripted coordinator: the real server machine and real peers around one real device on a socket. Tests may
 * change what the device is shown, and cut its connection around any of its requests.
 */
import {
  type CoordinatorMessage,
  createIdentityLog,
  createModularAccumulator,
  createSecureServer,
  type DeviceEvent,
  type DeviceMessages,
  hexToBytes,
  type Identity,
  type IdentityLog,
  identityLeaf,
  memoisedVerify,
  packedLength,
  type SectionEncoding,
  SecureAggregationError,
  type SecureRound,
  type SecureServer,
  scaleFor,
  sha256,
} from '@tributary/privacy';
import {
  type Content,
  contributionClipNorm,
  createUploadReceiver,
  encode,
  evaluationMetrics,
  type NotificationName,
  RefusalError,
  type RequestName,
  type RoundDescriptor,
  roundDescriptorBytes,
  type SecureRoundDescription,
  type UploadReceiver,
} from '@tributary/protocol';
import type { Device, ScriptedCoordinator } from './scripted-coordinator.ts';
import { securePeers } from './secure-peers.ts';

export interface ScriptedSecureRound {
  readonly descriptor: RoundDescriptor;
  readonly server: SecureServer;
  readonly encodings: readonly [SectionEncoding, SectionEncoding];
  /** What the device sent in the round, encoded, by message. */
  readonly sent: Map<string, Uint8Array[]>;
  /** The device's masked vector, once it has arrived. */
  readonly vector: Uint8Array | null;
  /** The opened sum less the peers' own integers, by section; null until all phases have ended. */
  readonly opened: readonly Uint32Array[] | null;
  /** What the device is shown in this phase, as the machine has it. */
  shown(): readonly CoordinatorMessage[];
  show(message: CoordinatorMessage): void;
}

/** The log of a population with these members. */
export function logOf(coordinator: ScriptedCoordinator, members: readonly Uint8Array[]): IdentityLog {
  return createIdentityLog(members.map((identity) => identityLeaf(coordinator.summary.population, identity)));
}

export interface SecureRoundOptions {
  /** Hex. */
  readonly device: string;
  readonly peers: readonly Identity[];
  /** Null for a round that knows identities as they are met; of all members by default. */
  readonly log?: IdentityLog | null;
  readonly fields?: Partial<RoundDescriptor>;
  readonly secure?: Partial<SecureRoundDescription>;
  /** What the device is shown instead. */
  readonly toDevice?: (message: CoordinatorMessage) => readonly CoordinatorMessage[];
  /** Before a request of the round has its effect. */
  readonly onRequest?: (name: RequestName) => void;
  /** Cuts the connection once, before or after the request has its effect. */
  readonly cut?: { readonly request: RequestName; readonly when: 'before' | 'after' };
}

const metricsBits = 32;

/** As the real coordinator answers what its machine does not take. */
function refusing<T>(handle: () => T): T {
  try {
    return handle();
  } catch (error) {
    if (!(error instanceof SecureAggregationError)) throw error;
    throw new RefusalError(error.code === 'out-of-phase' ? 'out-of-phase' : 'not-verified', error.message);
  }
}

/** Describes the round, takes the coordinator's handlers over, and invites the device. */
export function runSecureRound(coordinator: ScriptedCoordinator, options: SecureRoundOptions): ScriptedSecureRound {
  const { device, peers, toDevice = (message) => [message] } = options;
  const n = peers.length + 1;
  const members = [...peers.map(({ publicKey }) => publicKey), hexToBytes(device)];
  const log = options.log === undefined ? logOf(coordinator, members) : options.log;
  const { sections } = coordinator.descriptor({ round: 1 });
  const rotated = { length: sections.contribution, bits: 20, bound: contributionClipNorm(1, 0.01, true) };
  const plain = { length: evaluationMetrics.length + 1, bits: metricsBits, bound: 1 };
  const encodings: readonly [SectionEncoding, SectionEncoding] = [
    { section: 0, ...rotated, kind: 'rotated', scale: scaleFor({ ...rotated, kind: 'rotated', maximumSummed: n }) },
    { section: 1, ...plain, kind: 'plain', scale: scaleFor({ ...plain, kind: 'plain', maximumSummed: n }) },
  ];
  const secure: SecureRoundDescription = {
    bits: rotated.bits,
    scale: encodings[0].scale,
    metricsBits,
    metricsScale: encodings[1].scale,
    degree: 0,
    threshold: 0,
    inDegreeCap: n - 1,
    rosterMaximum: n,
    corrupt: 500,
    dropout: 1000,
    phaseMilliseconds: 10_000,
    tally: 'weight',
    noise: null,
    identityLog: log && { size: log.size, root: log.root() },
    ...options.secure,
  };
  const descriptor = coordinator.descriptor({
    plan: 'secure',
    sealingKey: null,
    secure,
    cohortTarget: n,
    cohortMinimum: 20,
    ...options.fields,
  });
  const round: SecureRound = {
    roundHash: sha256(roundDescriptorBytes(descriptor)),
    coordinatorKey: coordinator.key.publicKey,
    population: coordinator.summary.population,
    sections: encodings.map(({ length, bits }) => ({ length, bits })),
    minimum: descriptor.cohortMinimum,
    maximum: secure.rosterMaximum,
    degree: secure.degree,
    threshold: secure.threshold,
    inDegreeCap: secure.inDegreeCap,
    corrupt: secure.corrupt,
    dropout: secure.dropout,
    identityLog: secure.identityLog,
  };
  const verify = memoisedVerify();
  const proofOf = log
    ? (identity: Uint8Array) => {
        const index = log.indexOf(identityLeaf(round.population, identity));
        return index === undefined ? null : { index, path: log.inclusionProof(index, log.size) };
      }
    : undefined;
  const server = createSecureServer({
    round,
    coordinator: coordinator.key,
    devices: members.map((identity) => Buffer.from(identity).toString('hex')),
    verify,
    ...(proofOf ? { proofOf } : {}),
  });
  const metrics = new Float32Array(plain.length).fill(0.5).fill(1, plain.length - 1);
  const others = securePeers({ identities: peers, round, encodings, metrics, verify });
  const sent = new Map<string, Uint8Array[]>();
  let vector: Uint8Array | null = null;
  let opened: readonly Uint32Array[] | null = null;
  let receiver: UploadReceiver | null = null;
  let statement: NonNullable<Content<'uploadOpen'>['statement']> | null = null;
  let uncut = options.cut;

  const show = ({ name, message }: CoordinatorMessage) =>
    coordinator.notify(name, { round: descriptor.round, ...message } as Content<NotificationName> as never);

  function goOn(): void {
    if (server.phase === 'opening' || server.waiting().length > 0) return;
    const { messages } = server.advance();
    for (const [id, list] of messages) {
      others.receive(
        server,
        id,
        list.map(({ name, message }) => ({ kind: name, message }) as DeviceEvent),
      );
    }
    for (const message of messages.get(device) ?? []) for (const changed of toDevice(message)) show(changed);
    if ((server.phase as string) === 'opening') opened = open();
  }

  function open(): readonly Uint32Array[] {
    const plainSum = others.plainSum();
    const masks = [...server.opening().masks];
    let at = 0;
    return encodings.map(({ length, bits, section }) => {
      const sum = createModularAccumulator({ length, bits, section });
      const bytes = packedLength(length, bits);
      for (const one of [...others.vectors, vector as Uint8Array]) sum.addPacked(one.subarray(at, at + bytes));
      for (const { seed, sign } of masks) sum.addMask(seed, sign);
      at += bytes;
      const mask = bits === 32 ? 0xffff_ffff : 2 ** bits - 1;
      return sum.values().map((value, i) => (value - plainSum[section][i]) & mask);
    });
  }

  /** A request of the round, remembered, with the connection cut around it where the test says so. */
  function taking<N extends RequestName>(name: N, handle: (content: Content<N>, from: Device) => object): void {
    coordinator.handlers[name] = ((content: Content<N>, from: Device) => {
      sent.set(name, [...(sent.get(name) ?? []), encode(name, content)]);
      options.onRequest?.(name);
      const cut = uncut?.request === name ? uncut : undefined;
      if (cut) uncut = undefined;
      if (cut?.when === 'before') {
        coordinator.cut();
        throw new RefusalError('internal', 'The connection is cut.');
      }
      const answer = refusing(() => handle(content, from));
      if (cut) coordinator.cut();
      else setImmediate(goOn);
      return answer;
    }) as never;
  }
  for (const name of ['keys', 'neighbours', 'shares', 'acknowledge', 'reveal'] as const) {
    taking(name, ({ round: _, ...message }) => {
      server.receive(device, name, message as DeviceMessages[typeof name]);
      return {};
    });
  }
  taking('uploadOpen', (content) => {
    if (vector !== null) throw new RefusalError('duplicate-upload', 'It is in the sum.');
    if (content.statement === null) throw new RefusalError('not-verified', 'A masked upload has a statement.');
    server.checkStatement(device, content.statement, content.sha256);
    statement = content.statement;
    receiver ??= createUploadReceiver({ bytes: content.bytes, sha256: content.sha256 });
    return { offset: receiver.received };
  });
  taking('uploadChunk', ({ offset, bytes }) => ({ received: receiver?.receive(offset, bytes) ?? 0 }));
  taking('uploadClose', () => {
    const bytes = receiver?.finish();
    if (!bytes || !statement) throw new RefusalError('out-of-phase', 'Open the upload first.');
    vector = bytes.slice();
    server.uploaded(device, statement, sha256(vector));
    return {};
  });
  coordinator.handlers.logConsistency = ({ from, to }) => ({
    proof: log?.consistencyProof(from, to) ?? new Uint8Array(0),
  });
  coordinator.handlers.join = (_, from) => {
    from.joined = true;
    // Whatever it may have missed.
    setImmediate(() => {
      if (from.identity !== device || !server.has(device)) return;
      coordinator.notify('invitation', descriptor);
      goOn();
      for (const message of server.messagesFor(device)) for (const changed of toDevice(message)) show(changed);
    });
    return { waiting: n };
  };

  others.start(server);
  coordinator.notify('invitation', descriptor);
  return {
    descriptor,
    server,
    encodings,
    sent,
    get vector() {
      return vector;
    },
    get opened() {
      return opened;
    },
    shown: () => server.messagesFor(device),
    show,
  };
}
