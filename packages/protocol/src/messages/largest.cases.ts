/** The largest legal content of every message, for tests of the bounds. */
import {
  type Answer,
  type Content,
  chunkBytes,
  type MessageName,
  type ModelVersion,
  maximumDegree,
  maximumRoster,
  type RequestName,
  type RoundDescriptor,
} from './messages.ts';

const count = Number.MAX_SAFE_INTEGER;
const hash = 'f'.repeat(64);
const task = 'a'.repeat(63);
const bytes = (length: number) => new Uint8Array(length).fill(0xff);
const real = 0.1;
/** Three bytes of UTF-8 a character, the most for one of JavaScript's. */
const text = (length: number) => '€'.repeat(length);

const version: ModelVersion = {
  hash,
  task,
  round: count,
  parent: hash,
  layoutHash: hash,
  parametersHash: hash,
  parameterBytes: count,
  catalogueHash: hash,
  epsilon: real,
  delta: real,
  signature: bytes(64),
};

const descriptor: RoundDescriptor = {
  protocol: 65_535,
  task,
  round: count,
  modelVersion: hash,
  layoutHash: hash,
  contributionLayoutHash: hash,
  sections: { contribution: count, evaluation: count, weight: 1 },
  plan: 'secure',
  clipNorm: real,
  noiseMultiplier: real,
  weighting: { kind: 'examples', cap: count },
  evaluationScale: real,
  cohortTarget: count,
  cohortMinimum: count,
  collectionMilliseconds: count,
  sealingKey: bytes(32),
  secure: {
    bits: 32,
    scale: real,
    metricsBits: 32,
    metricsScale: real,
    degree: count,
    threshold: count,
    inDegreeCap: count,
    rosterMaximum: count,
    corrupt: 9999,
    dropout: 9999,
    phaseMilliseconds: count,
    identityLog: { size: count, root: bytes(32) },
  },
  nonce: bytes(32),
  signature: bytes(64),
};

export const largestContents: { readonly [N in MessageName]: Content<N> } = {
  challenge: {
    protocolMinimum: 65_535,
    protocolMaximum: 65_535,
    coordinatorKey: bytes(32),
    nonce: bytes(32),
    software: text(64),
  },
  authenticate: { protocol: 65_535, task, identity: bytes(32), signature: bytes(64), software: text(64) },
  join: {},
  leave: {},
  fetch: { kind: 'catalogue', hash, offset: count },
  invitation: descriptor,
  decline: { round: count, reason: 'no-consent' },
  logConsistency: { from: count, to: count },
  keys: { round: count, shareKey: bytes(32), maskKey: bytes(32), signature: bytes(64) },
  roster: { round: count, entries: bytes(160 * maximumRoster), signature: bytes(64) },
  neighbours: { round: count, neighbours: bytes(4 * maximumDegree), signature: bytes(64) },
  neighbourKeys: {
    round: count,
    inNeighbours: bytes(4 * maximumRoster),
    lists: bytes(8_388_608),
    proofs: new Array(maximumDegree).fill({ index: count, path: bytes(32 * 64) }),
  },
  shares: { round: count, boxes: bytes(112 * maximumDegree) },
  dealt: {
    round: count,
    neighbours: bytes(maximumRoster / 8),
    dealers: bytes(4 * maximumRoster),
    boxes: bytes(112 * maximumRoster),
  },
  survivors: {
    round: count,
    uploaded: bytes(maximumRoster / 8),
    dropped: bytes(maximumRoster / 8),
    statements: bytes(8_388_608 - 4096),
  },
  acknowledge: {
    round: count,
    uploaded: bytes(maximumRoster / 8),
    dropped: bytes(maximumRoster / 8),
    signature: bytes(64),
  },
  acknowledgements: {
    round: count,
    signers: bytes(4 * maximumRoster),
    acknowledgements: bytes(8_388_608 - 65_536),
  },
  reveal: { round: count, shares: bytes(36 * maximumRoster) },
  uploadOpen: {
    round: count,
    bytes: count,
    sha256: bytes(32),
    statement: {
      commitment: bytes(32),
      neighbours: bytes(maximumRoster / 8),
      unopened: bytes(4 * maximumRoster),
      signature: bytes(64),
    },
  },
  uploadChunk: { round: count, offset: count, bytes: bytes(chunkBytes) },
  uploadClose: { round: count },
  roundEnded: { round: count, outcome: 'abandoned', reason: text(300), version },
  taskEnded: { reason: text(300), version },
};

export const largestAnswers: { readonly [N in RequestName]: Answer<N> } = {
  authenticate: {
    session: text(64),
    running: true,
    version,
    summary: {
      task,
      population: task,
      itemCount: count,
      catalogueHash: hash,
      catalogueBytes: count,
      model: {
        kind: 'neumf',
        dimension: 512,
        mlpDimension: 512,
        hiddenLayers: new Array(8).fill(2048),
        initialScale: real,
      },
      training: {
        local: {
          epochs: 100,
          reconstructionEpochs: 100,
          batchSize: 65_536,
          learningRate: real,
          privateLearningRate: real,
          negativesPerPositive: 100,
          regularisation: real,
        },
        backend: 'fused',
        recency: { floor: real, timeConstant: real, exponent: real },
        recencyInTraining: true,
        windowLength: 1_000_000,
        itemCap: 1_000_000,
        groupScales: { rows: real, counts: real, outer: real },
      },
      privacyPlan: 'sealed',
      evaluation: { federated: true, negatives: count },
    },
  },
  join: { waiting: count },
  leave: {},
  fetch: { total: count, offset: count, bytes: bytes(chunkBytes) },
  decline: {},
  logConsistency: { proof: bytes(3200) },
  keys: {},
  neighbours: {},
  shares: {},
  acknowledge: {},
  reveal: {},
  uploadOpen: { offset: count },
  uploadChunk: { received: count },
  uploadClose: {},
};
