/** Arbitrary legal contents of every message and answers of every request, for property tests of the codec. */
import fc from 'fast-check';
import type {
  Answer,
  Content,
  MessageName,
  ModelVersion,
  RequestName,
  RoundDescriptor,
  TaskSummary,
} from './messages.ts';

const hexDigits = fc.constantFrom(...'0123456789abcdef');
const hash = fc.string({ unit: hexDigits, minLength: 64, maxLength: 64 });
const task = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
const count = fc.oneof(fc.nat(300), fc.nat({ max: 2 ** 31 - 1 }), fc.maxSafeNat());
/** The encoding has one zero. */
const real = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));
const positive = (max: number) => fc.double({ min: 1e-9, max, noNaN: true });
const integer = (min: number, max: number) => fc.integer({ min, max });
const protocol = integer(0, 65_535);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const text = (maximum: number) =>
  fc.string({ unit: 'grapheme', maxLength: maximum }).filter((value) => value.length <= maximum);
const placement = fc.constantFrom('distributed' as const, 'central' as const, 'local' as const);
const perhaps = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

/** With Object's prototype, as decoded. */
const record = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T>(fields, { noNullPrototype: true });

const version: fc.Arbitrary<ModelVersion> = record({
  hash,
  task,
  round: count,
  parent: perhaps(hash),
  layoutHash: hash,
  parametersHash: hash,
  parameterBytes: count,
  catalogueHash: hash,
  epsilon: perhaps(real),
  delta: perhaps(real),
  signature: bytes(64),
});

const descriptor: fc.Arbitrary<RoundDescriptor> = record({
  protocol,
  task,
  round: count,
  modelVersion: hash,
  layoutHash: hash,
  contributionLayoutHash: hash,
  sections: record({ contribution: count, evaluation: count, weight: fc.constant(1 as const) }),
  plan: fc.constantFrom('secure' as const, 'sealed' as const),
  clipNorm: perhaps(real),
  noiseMultiplier: perhaps(real),
  noisePlacement: perhaps(placement),
  treeFirstRound: perhaps(count),
  participations: perhaps(count),
  weighting: fc.oneof(
    fc.constant({ kind: 'uniform' as const }),
    record({ kind: fc.constant('examples' as const), cap: count }),
  ),
  evaluationScale: real,
  cohortTarget: count,
  cohortMinimum: count,
  collectionMilliseconds: count,
  sealingKey: perhaps(bytes(32)),
  secure: perhaps(
    record({
      bits: integer(8, 32),
      scale: real,
      metricsBits: integer(8, 32),
      metricsScale: real,
      degree: count,
      threshold: count,
      inDegreeCap: count,
      rosterMaximum: count,
      corrupt: integer(0, 9999),
      dropout: integer(0, 9999),
      phaseMilliseconds: count,
      tally: fc.constantFrom('weight' as const, 'within-clip' as const, 'nothing' as const),
      noise: perhaps(
        record({
          mechanism: fc.constantFrom('discrete-gaussian' as const, 'skellam' as const),
          variance: real,
          metricsVariance: real,
          indicatorVariance: real,
          noises: count,
        }),
      ),
      identityLog: perhaps(record({ size: count, root: bytes(32) })),
    }),
  ),
  nonce: bytes(32),
  signature: bytes(64),
});

const groups = record({ rows: positive(1), fusion: positive(1), adapter: positive(1) });

const onDevice = {
  kind: fc.constant('hybrid' as const),
  dimension: integer(1, 512),
  initialScale: positive(10),
  features: record({ text: fc.boolean(), attributes: fc.boolean() }),
  encoder: perhaps(hash),
  textWidth: integer(1, 8192),
  scorer: fc.constantFrom<Extract<TaskSummary['model'], { plan: 'cheap' }>['scorer']>(
    { kind: 'dot' },
    { kind: 'cross-attention' },
    { kind: 'gmf-mlp', mlpDimension: 8, hiddenLayers: [8, 4] },
  ),
  fusionRate: positive(1000),
  groupScales: groups,
  groupClip: perhaps(groups),
};

const lora = {
  rank: integer(1, 256),
  alpha: positive(1024),
  targets: fc.subarray(['query', 'key', 'value', 'attention-output', 'intermediate', 'output'] as const, {
    minLength: 1,
  }),
  lastLayers: perhaps(integer(1, 256)),
  frozenA: fc.boolean(),
};

const publicItems = {
  kind: fc.constant('hybrid' as const),
  plan: fc.constant('public-items' as const),
  features: record({ text: fc.boolean(), attributes: fc.boolean() }),
  textComponents: perhaps(integer(1, 4096)),
  dimension: integer(1, 512),
  unobservedWeight: positive(10),
  regularisation: positive(10),
  initialScale: positive(10),
};

const model: fc.Arbitrary<TaskSummary['model']> = fc.oneof(
  record({ ...onDevice, plan: fc.constant('cheap' as const) }),
  record({
    ...onDevice,
    plan: fc.constant('full' as const),
    adapter: record({
      ...lora,
      size: integer(1, 100_000_000),
      rate: positive(1000),
      texts: integer(1, 4096),
    }),
  }),
  record({
    kind: fc.constant('implicit-als' as const),
    dimension: integer(1, 512),
    unobservedWeight: positive(10),
    regularisation: positive(10),
    initialScale: positive(10),
  }),
  record(publicItems),
  record({
    ...publicItems,
    adapter: record({ ...lora, steps: integer(0, 10_000), learningRate: positive(1), texts: integer(1, 65_536) }),
  }),
  record({
    kind: fc.constant('neumf' as const),
    dimension: integer(1, 512),
    mlpDimension: integer(1, 512),
    hiddenLayers: fc.array(integer(1, 2048), { minLength: 1, maxLength: 8 }),
    initialScale: positive(10),
  }),
);

const training: fc.Arbitrary<TaskSummary['training']> = fc.record(
  {
    backend: fc.constantFrom('fused' as const, 'tfjs' as const),
    recency: perhaps(record({ floor: positive(10), timeConstant: positive(10_000) })),
    recencyInTraining: fc.boolean(),
    windowLength: perhaps(integer(1, 1_000_000)),
    itemCap: perhaps(integer(1, 1_000_000)),
    groupScales: record({ rows: positive(1e6), counts: positive(1e6), outer: positive(1e6) }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

const summary: fc.Arbitrary<TaskSummary> = record({
  task,
  population: task,
  itemCount: count,
  catalogueHash: hash,
  catalogueBytes: count,
  model,
  training,
  privacyPlan: fc.constantFrom('secure' as const, 'sealed' as const),
  noise: perhaps(record({ placement, budget: real, delta: real, participations: perhaps(count) })),
  evaluation: record({ federated: fc.boolean(), negatives: count }),
});

const chunk = fc.uint8Array({ maxLength: 2000 });
const bitmap = fc.uint8Array({ maxLength: 1250 });
const nothing = fc.constant({});

export const arbitraryContents: { readonly [N in MessageName]: fc.Arbitrary<Content<N>> } = {
  challenge: record({
    protocolMinimum: protocol,
    protocolMaximum: protocol,
    coordinatorKey: bytes(32),
    nonce: bytes(32),
    software: text(64),
  }),
  authenticate: record({ protocol, task, identity: bytes(32), signature: bytes(64), software: text(64) }),
  join: nothing,
  leave: nothing,
  fetch: record({ kind: fc.constantFrom('model' as const, 'catalogue' as const), hash, offset: count }),
  invitation: descriptor,
  decline: record({
    round: count,
    reason: fc.constantFrom('no-data', 'no-consent', 'policy', 'unable', 'stopped', 'unsafe'),
  }),
  logConsistency: record({ from: count, to: count }),
  keys: record({ round: count, shareKey: bytes(32), maskKey: bytes(32), signature: bytes(64) }),
  roster: record({ round: count, entries: chunk, signature: bytes(64) }),
  neighbours: record({ round: count, neighbours: chunk, signature: bytes(64) }),
  neighbourKeys: record({
    round: count,
    inNeighbours: chunk,
    lists: chunk,
    proofs: fc.array(record({ index: count, path: chunk }), { maxLength: 5 }),
  }),
  shares: record({ round: count, boxes: chunk }),
  dealt: record({ round: count, neighbours: bitmap, dealers: chunk, boxes: chunk }),
  survivors: record({ round: count, uploaded: bitmap, dropped: bitmap, statements: chunk }),
  acknowledge: record({ round: count, uploaded: bitmap, dropped: bitmap, signature: bytes(64) }),
  acknowledgements: record({ round: count, signers: chunk, acknowledgements: chunk }),
  reveal: record({ round: count, shares: chunk }),
  uploadOpen: record({
    round: count,
    bytes: count,
    sha256: bytes(32),
    statement: perhaps(record({ commitment: bytes(32), neighbours: bitmap, unopened: chunk, signature: bytes(64) })),
  }),
  uploadChunk: record({ round: count, offset: count, bytes: chunk }),
  uploadClose: record({ round: count }),
  roundEnded: record({
    round: count,
    outcome: fc.constantFrom('closed' as const, 'abandoned' as const),
    reason: text(300),
    version: perhaps(version),
  }),
  taskEnded: record({ reason: text(300), version }),
};

export const arbitraryAnswers: { readonly [N in RequestName]: fc.Arbitrary<Answer<N>> } = {
  authenticate: record({
    session: fc.string({ unit: hexDigits, minLength: 1, maxLength: 64 }),
    summary,
    version,
    running: fc.boolean(),
  }),
  join: record({ waiting: count }),
  leave: nothing,
  fetch: record({ total: count, offset: count, bytes: chunk }),
  decline: nothing,
  logConsistency: record({ proof: fc.uint8Array({ maxLength: 3200 }) }),
  keys: nothing,
  neighbours: nothing,
  shares: nothing,
  acknowledge: nothing,
  reveal: nothing,
  uploadOpen: record({ offset: count }),
  uploadChunk: record({ received: count }),
  uploadClose: nothing,
};
