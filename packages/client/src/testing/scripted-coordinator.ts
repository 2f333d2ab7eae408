/**
 * The coordinator's side of a session as tests want it: over real sockets, with the real codec and signatures, but free to
 * misbehave in ways that the real coordinator never would (forged versions, foreign keys, odd invitations, silence). How the SDK
 * works together with the real one is tested in test/integration.
 */
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRecommender, type RecommenderSpecification } from '@tributary/model';
import {
  bytesToHex,
  createIdentity,
  createSealingKeys,
  type Identity,
  open,
  sha256,
  sign,
  systemRandom,
  verify,
} from '@tributary/privacy';
import {
  type Answer,
  authenticationBytes,
  type Content,
  chunkBytes,
  createUploadReceiver,
  decode,
  encode,
  encodeReply,
  evaluationMetrics,
  type ModelVersion,
  messages,
  modelVersionBytes,
  modelVersionHash,
  type NotificationName,
  RefusalError,
  type RequestName,
  type RoundDescriptor,
  recommenderSpecificationOf,
  roundDescriptorBytes,
  type TaskSummary,
  type UploadReceiver,
} from '@tributary/protocol';
import { Server, type Socket } from 'socket.io';

type Handler<N extends RequestName> = (content: Content<N>, device: Device) => Answer<N> | Promise<Answer<N>>;
export type Handlers = { [N in RequestName]: Handler<N> };

export interface Device {
  readonly socket: Socket;
  readonly nonce: Uint8Array;
  identity: string | null;
  joined: boolean;
}

interface ScriptedItem {
  readonly id: string;
  readonly title: string;
  readonly attributes: string[];
  readonly description: string;
}

export interface ScriptedCoordinator {
  readonly url: string;
  readonly key: Identity;
  readonly summary: TaskSummary;
  readonly catalogue: readonly ScriptedItem[];
  /** The version in force; tests replace it. */
  version: ModelVersion;
  /** Replaceable request handlers. */
  readonly handlers: Handlers;
  readonly devices: Set<Device>;
  /** Every request that arrived: its name, in order. */
  readonly received: string[];
  /** Contents of declines. */
  readonly declines: Content<'decline'>[];
  /** Opened plaintexts of finished uploads, by round. */
  readonly uploads: Map<number, Uint8Array>;
  /** TCP connections ever accepted. */
  connections: number;
  publish(parameters: Float32Array, round: number): ModelVersion;
  /** Gives the task another catalogue, which the real coordinator never does, and publishes a first version for it. */
  changeCatalogue(ids: readonly string[], round: number): ModelVersion;
  descriptor(fields?: Partial<RoundDescriptor>): RoundDescriptor;
  notify<N extends Exclude<NotificationName, 'challenge'>>(name: N, content: Content<N>): void;
  /** Drops all connections without a word. */
  cut(): void;
  close(): Promise<void>;
}

export const scriptedTask = 'films';

const model = { kind: 'matrix-factorisation', dimension: 4, initialScale: 0.1 } as const;
const local = {
  epochs: 1,
  reconstructionEpochs: 1,
  batchSize: 8,
  learningRate: 0.1,
  privateLearningRate: 0.1,
  negativesPerPositive: 2,
  regularisation: 0,
};

export async function startScriptedCoordinator(
  options: { items?: number; key?: Identity; port?: number; plan?: TaskSummary['privacyPlan'] } = {},
) {
  const { items = 30, key = createIdentity(systemRandom), port = 0, plan = 'sealed' } = options;
  const blobs = new Map<string, Uint8Array>();
  const described = (ids: readonly string[]) => {
    const catalogue: readonly ScriptedItem[] = ids.map((id) => ({
      id,
      title: id.replace(/^film-/, 'Film '),
      attributes: [],
      description: '',
    }));
    const catalogueBytes = new TextEncoder().encode(JSON.stringify(catalogue));
    const summary: TaskSummary = {
      task: scriptedTask,
      population: 'people',
      itemCount: ids.length,
      catalogueHash: bytesToHex(sha256(catalogueBytes)),
      catalogueBytes: catalogueBytes.length,
      model,
      training: { local },
      privacyPlan: plan,
      noise: null,
      evaluation: { federated: true, negatives: 5 },
    };
    blobs.set(summary.catalogueHash, catalogueBytes);
    const specification = recommenderSpecificationOf(summary, ids.length) as RecommenderSpecification;
    return { catalogue, summary, recommender: createRecommender(specification) };
  };
  let { catalogue, summary, recommender } = described(Array.from({ length: items }, (_, i) => `film-${i}`));
  const sealingKeys = createSealingKeys(systemRandom);
  const receivers = new Map<string, UploadReceiver>();
  let round = 0;

  const http: HttpServer = createServer();
  const io = new Server(http, { transports: ['websocket'] });

  function publish(parameters: Float32Array, madeBy: number): ModelVersion {
    const bytes = new Uint8Array(parameters.slice().buffer);
    const parametersHash = bytesToHex(sha256(bytes));
    blobs.set(parametersHash, bytes);
    const fields = {
      task: scriptedTask,
      round: madeBy,
      parent: null,
      layoutHash: recommender.layout.hash,
      parametersHash,
      parameterBytes: bytes.length,
      catalogueHash: summary.catalogueHash,
      epsilon: null,
      delta: null,
    };
    coordinator.version = {
      ...fields,
      hash: modelVersionHash(fields),
      signature: sign(modelVersionBytes(fields), key.secretKey),
    };
    return coordinator.version;
  }

  const outOfPhase = (): never => {
    throw new RefusalError('out-of-phase', 'This round is sealed.');
  };
  const handlers: Handlers = {
    logConsistency: outOfPhase,
    keys: outOfPhase,
    neighbours: outOfPhase,
    shares: outOfPhase,
    acknowledge: outOfPhase,
    reveal: outOfPhase,
    authenticate({ protocol, task, identity, signature }, device) {
      const message = authenticationBytes({
        nonce: device.nonce,
        coordinatorKey: key.publicKey,
        task,
        identity,
        protocol,
      });
      if (!verify(signature, message, identity))
        throw new RefusalError('bad-signature', 'The signature does not hold.');
      device.identity = bytesToHex(identity);
      return { session: 'session', summary, version: coordinator.version, running: true };
    },
    join(_, device) {
      device.joined = true;
      return { waiting: 1 };
    },
    leave: () => ({}),
    fetch({ hash, offset }) {
      const bytes = blobs.get(hash);
      if (!bytes) throw new RefusalError('unknown-version', 'No such bytes.');
      return { total: bytes.length, offset, bytes: bytes.subarray(offset, offset + chunkBytes) };
    },
    decline(content) {
      coordinator.declines.push(content);
      return {};
    },
    uploadOpen({ round: of, bytes, sha256: hash }, device) {
      const name = `${device.identity} ${of}`;
      const receiver = receivers.get(name) ?? createUploadReceiver({ bytes, sha256: hash });
      receivers.set(name, receiver);
      return { offset: receiver.received };
    },
    uploadChunk({ round: of, offset, bytes }, device) {
      const receiver = receivers.get(`${device.identity} ${of}`);
      if (!receiver) throw new RefusalError('out-of-phase', 'Open the upload first.');
      return { received: receiver.receive(offset, bytes) };
    },
    uploadClose({ round: of }, device) {
      const plaintext = open(receivers.get(`${device.identity} ${of}`)?.finish() ?? new Uint8Array(0), sealingKeys);
      if (plaintext === null) throw new RefusalError('cannot-open', 'It does not open.');
      coordinator.uploads.set(of, plaintext);
      return {};
    },
  };

  const coordinator: ScriptedCoordinator = {
    url: '',
    key,
    get summary() {
      return summary;
    },
    get catalogue() {
      return catalogue;
    },
    version: undefined as unknown as ModelVersion,
    handlers,
    devices: new Set(),
    received: [],
    declines: [],
    uploads: new Map(),
    connections: 0,
    publish,
    changeCatalogue(ids, madeBy) {
      ({ catalogue, summary, recommender } = described(ids));
      return publish(recommender.initialise(1 + madeBy), madeBy);
    },
    descriptor(fields = {}) {
      const unsigned = {
        protocol: 1,
        task: scriptedTask,
        round: fields.round ?? ++round,
        modelVersion: coordinator.version.hash,
        layoutHash: recommender.layout.hash,
        contributionLayoutHash: recommender.contributionLayout.hash,
        sections: {
          contribution: recommender.contributionLayout.size,
          evaluation: evaluationMetrics.length,
          weight: 1 as const,
        },
        plan: 'sealed' as const,
        clipNorm: 1,
        noiseMultiplier: null,
        noisePlacement: null,
        treeFirstRound: null,
        participations: null,
        weighting: { kind: 'uniform' as const },
        evaluationScale: 0.01,
        cohortTarget: 8,
        cohortMinimum: 4,
        collectionMilliseconds: 20_000,
        sealingKey: sealingKeys.publicKey as Uint8Array | null,
        secure: null as RoundDescriptor['secure'],
        nonce: systemRandom.bytes(32),
        ...fields,
      };
      return { ...unsigned, signature: fields.signature ?? sign(roundDescriptorBytes(unsigned), key.secretKey) };
    },
    notify(name, content) {
      for (const { socket } of coordinator.devices) socket.emit(name, encode(name, content));
    },
    cut() {
      for (const { socket } of coordinator.devices) socket.conn.close();
    },
    async close() {
      await io.close();
    },
  };

  io.on('connection', (socket) => {
    const device: Device = { socket, nonce: systemRandom.bytes(32), identity: null, joined: false };
    coordinator.devices.add(device);
    socket.on('disconnect', () => coordinator.devices.delete(device));
    socket.onAny(async (name: RequestName, bytes: unknown, acknowledge: (reply: Uint8Array) => void) => {
      coordinator.received.push(name);
      try {
        if (messages[name]?.kind !== 'request') throw new RefusalError('unknown-message', 'Unknown.');
        const handler = handlers[name] as Handler<RequestName>;
        const value = await handler(decode(name, bytes), device);
        acknowledge(encodeReply(name, { ok: true, value }));
      } catch (error) {
        const { code, message, retryAfterMilliseconds } =
          error instanceof RefusalError ? error : new RefusalError('internal', String(error));
        const refusal = { code, message, ...(retryAfterMilliseconds === undefined ? {} : { retryAfterMilliseconds }) };
        acknowledge(encodeReply(name, { ok: false, refusal }));
      }
    });
    const challenge = {
      protocolMinimum: 1,
      protocolMaximum: 1,
      coordinatorKey: key.publicKey,
      nonce: device.nonce,
      software: 'scripted',
    };
    socket.emit('challenge', encode('challenge', challenge));
  });
  http.on('connection', () => {
    coordinator.connections++;
  });
  publish(recommender.initialise(1), 0);
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return Object.assign(coordinator, { url });
}
