/**
 * The one table of messages: name, sender, phase, bound in bytes, schema of the content and, for requests, of the reply.
 * Types are inferred from the schemas. Every message is one socket.io event whose only argument is the msgpack encoding of its
 * content; a request carries a socket.io acknowledgement, answered by the encoding of a `Reply`.
 */
import * as z from 'zod/mini';
import { modelSchema } from '../task/model-document.ts';
import { trainingSchema } from '../task/task-document.ts';
import type { refusalSchema } from './refusal.ts';

/** Bytes over any buffer; `z.instanceof` alone would infer those over an ArrayBuffer only. */
const bytes: z.ZodMiniType<Uint8Array, Uint8Array> = z.instanceof(Uint8Array);
const bytesOf = (length: number) =>
  bytes.check(z.refine((value) => value.length === length, `expected ${length} bytes`));
const bytesUpTo = (maximum: number) =>
  bytes.check(z.refine((value) => value.length <= maximum, `expected at most ${maximum} bytes`));
const count = z.number().check(z.int(), z.gte(0), z.lte(Number.MAX_SAFE_INTEGER));
const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hex'));
const taskId = z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected a task id'));
/** Fits 16 bits. */
const protocolNumber = z.number().check(z.int(), z.gte(0), z.lte(65_535));
const finite = z.number();
const bitWidth = z.number().check(z.int(), z.gte(8), z.lte(32));
const tenThousandths = z.number().check(z.int(), z.gte(0), z.lte(9999));
/** `secure`: masked, the coordinator sees the sum alone. `sealed`: encrypted to the coordinator, which sees each contribution. */
const aggregationPlanSchema = z.enum(['secure', 'sealed']);
export type AggregationPlan = z.infer<typeof aggregationPlanSchema>;
/** Who adds the noise: see `noiseSchema`. */
const noisePlacementSchema = z.enum(['distributed', 'central', 'local']);

/** Bytes of one chunk of a download or an upload. */
export const chunkBytes = 262_144;
/** Most devices of a secure round's roster. */
export const maximumRoster = 10_000;
/** Most neighbours that a device of a secure round draws. */
export const maximumDegree = 2_000;
/** Largest model, catalogue or upload that can be transferred. */
export const maximumTransferBytes = 1_073_741_824;

/** An immutable model version, as the coordinator signs it (see `version/model-version.ts` for the signed bytes). */
export const modelVersionSchema = z.strictObject({
  /** Identity of the version: SHA-256 of the signed frame. */
  hash,
  task: taskId,
  /** Round that made it; 0 for the first version or an imported one. */
  round: count,
  parent: z.nullable(hash),
  layoutHash: hash,
  /** SHA-256 of the parameters' bytes (little-endian float32). */
  parametersHash: hash,
  parameterBytes: count,
  catalogueHash: hash,
  /** Spend of the population when the version was released; null where the task makes no claim. */
  epsilon: z.nullable(finite),
  delta: z.nullable(finite),
  /** Ed25519 by the coordinator's key over the signed frame. */
  signature: bytesOf(64),
});
export type ModelVersion = z.infer<typeof modelVersionSchema>;

/** What a device needs to know of a task: enough to build the recommender, to refuse what it does not agree to. */
export const taskSummarySchema = z.strictObject({
  task: taskId,
  population: taskId,
  itemCount: count,
  catalogueHash: hash,
  catalogueBytes: count,
  model: modelSchema,
  training: trainingSchema,
  privacyPlan: aggregationPlanSchema,
  /** What is promised of the published models; null where no noise is added. */
  noise: z.nullable(
    z.strictObject({
      placement: noisePlacementSchema,
      budget: finite,
      delta: finite,
      /** Rounds in which a device takes part at most; null for no such bound. */
      participations: z.nullable(count),
    }),
  ),
  evaluation: z.strictObject({ federated: z.boolean(), negatives: count }),
});
export type TaskSummary = z.infer<typeof taskSummarySchema>;

/** What a secure round has beside the common descriptor: how vectors become integers, who is masked with whom, who is who. */
export const secureRoundSchema = z.strictObject({
  /** Contribution section: width in bits of a coordinate, and coordinates per unit (s). */
  bits: bitWidth,
  scale: finite,
  /** Metrics section (evaluation, each metric in [0, 1], and weight): the same. */
  metricsBits: bitWidth,
  metricsScale: finite,
  /** Out-neighbours that each device draws; 0: everybody is everybody's neighbour, threshold by the rule of the full graph. */
  degree: count,
  /** Shares that open a secret; 0 in the full graph. */
  threshold: count,
  /** Most devices that may draw one device before it leaves. */
  inDegreeCap: count,
  /** Most devices of the roster; `cohortMinimum` is the fewest. */
  rosterMaximum: count,
  /** Assumed fractions of corrupt and of lost devices, in ten-thousandths. */
  corrupt: tenThousandths,
  dropout: tenThousandths,
  /** Milliseconds of each phase beside `collectionMilliseconds`. */
  phaseMilliseconds: count,
  /**
   * What the last coordinate of the metrics section is: the weight; half, or minus half, as the contribution is within the clip
   * norm or not; or zero: with noise the mean is over a fixed number, and weights are not sent.
   */
  tally: z.enum(['weight', 'within-clip', 'nothing']),
  /** The noise that each device adds to its integers before they are masked, as variances in steps of the grid squared. */
  noise: z.nullable(
    z.strictObject({
      mechanism: z.enum(['discrete-gaussian', 'skellam']),
      /** Of a coordinate of the contribution, and of the evaluation. */
      variance: finite,
      metricsVariance: finite,
      /** Of the tally, where it is of contributions within the clip norm; else zero. */
      indicatorVariance: finite,
      /** The fewest noises of honest devices in a sum that can be opened: with as many the noise multiplier is reached. */
      noises: count,
    }),
  ),
  /** Size and root of the population's identity log; null where devices pin the identities that they meet. */
  identityLog: z.nullable(z.strictObject({ size: count, root: bytesOf(32) })),
});
export type SecureRoundDescription = z.infer<typeof secureRoundSchema>;

/** The signed description of a round (see `version/round-descriptor.ts` for the signed bytes). */
export const roundDescriptorSchema = z.strictObject({
  protocol: protocolNumber,
  task: taskId,
  /** Rises strictly per task. */
  round: count,
  modelVersion: hash,
  layoutHash: hash,
  contributionLayoutHash: hash,
  /** Lengths in float32 elements of the upload's sections: contribution, evaluation, weight. */
  sections: z.strictObject({ contribution: count, evaluation: count, weight: z.literal(1) }),
  plan: aggregationPlanSchema,
  /** L2 bound of contribution and evaluation together; null for none. */
  clipNorm: z.nullable(finite),
  /** Standard deviation of the noise on the sum over how far one device moves it; null for none. */
  noiseMultiplier: z.nullable(finite),
  /** Null without noise. */
  noisePlacement: z.nullable(noisePlacementSchema),
  /** First round of the tree that the noise is of: a device takes part in one round of a tree at most. Null without a tree. */
  treeFirstRound: z.nullable(count),
  /** Rounds of the task that a device contributes to at most; null for no such bound. */
  participations: z.nullable(count),
  weighting: z.union([
    z.strictObject({ kind: z.literal('uniform') }),
    z.strictObject({ kind: z.literal('examples'), cap: count }),
  ]),
  /** Scale of the evaluation section, as a share of the clip norm (of 1 where there is none). */
  evaluationScale: finite,
  cohortTarget: count,
  cohortMinimum: count,
  /** Milliseconds from the invitation until uploads are refused. */
  collectionMilliseconds: count,
  /** Curve25519 public key to which uploads of this round are sealed; null where they are masked. */
  sealingKey: z.nullable(bytesOf(32)),
  /** Null where uploads are sealed. */
  secure: z.nullable(secureRoundSchema),
  nonce: bytesOf(32),
  signature: bytesOf(64),
});
export type RoundDescriptor = z.infer<typeof roundDescriptorSchema>;

/** In-neighbours' lists and log proofs together: at most so many bytes. */
const maximumNeighbourKeys = 16_777_216;
/** Statements of the uploads, or acknowledgements, that one device is shown. */
const maximumSurvivors = 8_388_608;

interface NotificationRow<Content extends z.ZodMiniType> {
  readonly kind: 'notification';
  readonly sender: 'coordinator' | 'device';
  /** When it may be sent. */
  readonly phase: string;
  /** Most bytes of the encoded content. */
  readonly bound: number;
  readonly content: Content;
}
interface RequestRow<Content extends z.ZodMiniType, Answer extends z.ZodMiniType> {
  readonly kind: 'request';
  readonly sender: 'device';
  readonly phase: string;
  readonly bound: number;
  /** Most bytes of the encoded reply. */
  readonly replyBound: number;
  readonly content: Content;
  readonly reply: Answer;
}
const notification = <Content extends z.ZodMiniType>(
  sender: 'coordinator' | 'device',
  phase: string,
  bound: number,
  content: Content,
): NotificationRow<Content> => ({ kind: 'notification', sender, phase, bound, content });
const request = <Content extends z.ZodMiniType, Answer extends z.ZodMiniType>(
  phase: string,
  bound: number,
  content: Content,
  replyBound: number,
  reply: Answer,
): RequestRow<Content, Answer> => ({ kind: 'request', sender: 'device', phase, bound, replyBound, content, reply });

const nothing = z.strictObject({});
const indexList = bytesUpTo(4 * maximumRoster);
const bitmap = bytesUpTo(maximumRoster / 8);
const small = 512;

export const messages = {
  /** First on every connection: what the coordinator speaks, and what the device must sign. */
  challenge: notification(
    'coordinator',
    'connected',
    512,
    z.strictObject({
      protocolMinimum: protocolNumber,
      protocolMaximum: protocolNumber,
      coordinatorKey: bytesOf(32),
      nonce: bytesOf(32),
      software: z.string().check(z.maxLength(64)),
    }),
  ),
  /** Proof of identity (see `version/authentication.ts` for the signed bytes); the reply opens a session. */
  authenticate: request(
    'connected',
    1024,
    z.strictObject({
      protocol: protocolNumber,
      task: taskId,
      identity: bytesOf(32),
      signature: bytesOf(64),
      software: z.string().check(z.maxLength(64)),
    }),
    16_384,
    z.strictObject({
      session: z.string().check(z.minLength(1), z.maxLength(64)),
      summary: taskSummarySchema,
      version: modelVersionSchema,
      /** Whether the task still runs rounds. */
      running: z.boolean(),
    }),
  ),
  /** The device is available for rounds of the task until it leaves or disconnects. */
  join: request('session', 64, nothing, 512, z.strictObject({ waiting: count })),
  leave: request('session', 64, nothing, 512, nothing),
  /** Bytes of a model version (by `parametersHash`) or of a catalogue (by its hash) from an offset. */
  fetch: request(
    'session',
    256,
    z.strictObject({
      kind: z.enum(['model', 'catalogue']),
      hash,
      offset: count,
    }),
    chunkBytes + 512,
    z.strictObject({ total: count, offset: count, bytes: bytesUpTo(chunkBytes) }),
  ),
  invitation: notification('coordinator', 'selecting', 4096, roundDescriptorSchema),
  /** The device will not take part: its own policy, no data, no consent. */
  decline: request(
    'keying to unmasking',
    512,
    z.strictObject({
      round: count,
      // 'unsafe': what the device was shown in a secure round does not verify.
      reason: z.enum(['no-data', 'no-consent', 'policy', 'unable', 'stopped', 'unsafe']),
    }),
    512,
    nothing,
  ),
  /** How the identity log grew from one size to another, as a consistency proof: concatenated hashes. */
  logConsistency: request(
    'session',
    128,
    z.strictObject({ from: count, to: count }),
    4096,
    z.strictObject({ proof: bytesUpTo(3200) }),
  ),
  /** Secure rounds, phase 1: fresh keys for shares and for masks, signed by the identity. */
  keys: request(
    'keying',
    512,
    z.strictObject({ round: count, shareKey: bytesOf(32), maskKey: bytesOf(32), signature: bytesOf(64) }),
    small,
    nothing,
  ),
  /** Phase 2: everybody's identity, share key, mask key and signature, ascending by identity. */
  roster: notification(
    'coordinator',
    'drawing or sharing',
    160 * maximumRoster + small,
    z.strictObject({ round: count, entries: bytesUpTo(160 * maximumRoster), signature: bytesOf(64) }),
  ),
  /** Phase 3a: the out-neighbours that the device drew (u32le, ascending); not in the full graph. */
  neighbours: request(
    'drawing',
    4 * maximumDegree + small,
    z.strictObject({ round: count, neighbours: bytesUpTo(4 * maximumDegree), signature: bytesOf(64) }),
    small,
    nothing,
  ),
  /** Phase 3b: who drew this device, with their signed lists, and proofs that those it drew are in the identity log. */
  neighbourKeys: notification(
    'coordinator',
    'sharing',
    maximumNeighbourKeys,
    z.strictObject({
      round: count,
      inNeighbours: indexList,
      lists: bytesUpTo(maximumNeighbourKeys / 2),
      proofs: z
        .array(z.strictObject({ index: count, path: bytesUpTo(32 * 64) }))
        .check(z.minLength(0), z.maxLength(maximumDegree)),
    }),
  ),
  /** Phase 4: an encrypted pair of shares for each out-neighbour, in order. */
  shares: request(
    'sharing',
    112 * maximumDegree + small,
    z.strictObject({ round: count, boxes: bytesUpTo(112 * maximumDegree) }),
    small,
    nothing,
  ),
  /** Phase 4b: which of this device's neighbours dealt shares, and the shares for it. */
  dealt: notification(
    'coordinator',
    'collecting',
    116 * maximumRoster + 4096,
    z.strictObject({ round: count, neighbours: bitmap, dealers: indexList, boxes: bytesUpTo(112 * maximumRoster) }),
  ),
  /**
   * Announces an upload, or resumes one: the reply says from which offset to send. The reply is held back until the
   * coordinator has a free place for the upload.
   */
  uploadOpen: request(
    'collecting',
    4 * maximumRoster + maximumRoster / 8 + small,
    z.strictObject({
      round: count,
      bytes: count,
      sha256: bytesOf(32),
      /** Of a masked upload: what the device signs about it; null for a sealed one. */
      statement: z.nullable(
        z.strictObject({
          commitment: bytesOf(32),
          neighbours: bitmap,
          unopened: indexList,
          signature: bytesOf(64),
        }),
      ),
    }),
    512,
    z.strictObject({ offset: count }),
  ),
  uploadChunk: request(
    'collecting',
    chunkBytes + 512,
    z.strictObject({
      round: count,
      offset: count,
      bytes: bytesUpTo(chunkBytes),
    }),
    512,
    z.strictObject({ received: count }),
  ),
  /** All bytes are sent: the reply says that the contribution is part of the sum. */
  uploadClose: request('collecting', 256, z.strictObject({ round: count }), 512, nothing),
  /** Phase 6a: which neighbours uploaded (with their signed statements) and which dropped. */
  survivors: notification(
    'coordinator',
    'unmasking',
    maximumSurvivors,
    z.strictObject({ round: count, uploaded: bitmap, dropped: bitmap, statements: bytesUpTo(maximumSurvivors - 4096) }),
  ),
  /** Phase 6b: the two sets that the device was shown, signed. */
  acknowledge: request(
    'unmasking',
    maximumRoster / 4 + small,
    z.strictObject({ round: count, uploaded: bitmap, dropped: bitmap, signature: bytesOf(64) }),
    small,
    nothing,
  ),
  /** Phase 6b: acknowledgements of the receiver's out-neighbours. */
  acknowledgements: notification(
    'coordinator',
    'unmasking',
    maximumSurvivors,
    z.strictObject({ round: count, signers: indexList, acknowledgements: bytesUpTo(maximumSurvivors - 65_536) }),
  ),
  /** Phase 6c: one share of each dealer: of its self mask if it uploaded, of its mask key if it dropped. */
  reveal: request(
    'unmasking',
    36 * maximumRoster + small,
    z.strictObject({ round: count, shares: bytesUpTo(36 * maximumRoster) }),
    small,
    nothing,
  ),
  roundEnded: notification(
    'coordinator',
    'closed or abandoned',
    8192,
    z.strictObject({
      round: count,
      outcome: z.enum(['closed', 'abandoned']),
      reason: z.string().check(z.maxLength(300)),
      version: z.nullable(modelVersionSchema),
    }),
  ),
  /** The task has ended: all rounds done, budget spent, or stopped by the operator. */
  taskEnded: notification(
    'coordinator',
    'any',
    8192,
    z.strictObject({
      reason: z.string().check(z.maxLength(300)),
      version: modelVersionSchema,
    }),
  ),
} as const;

export type MessageTable = typeof messages;
export type MessageName = keyof MessageTable;
export type RequestName = { [N in MessageName]: MessageTable[N]['kind'] extends 'request' ? N : never }[MessageName];
export type NotificationName = Exclude<MessageName, RequestName>;
export type Content<N extends MessageName> = z.infer<MessageTable[N]['content']>;
export type Answer<N extends RequestName> = z.infer<MessageTable[N]['reply']>;

/** The acknowledgement of a request. */
export type Reply<N extends RequestName> =
  | { readonly ok: true; readonly value: Answer<N> }
  | { readonly ok: false; readonly refusal: z.infer<typeof refusalSchema> };

/** Names of the evaluation section's coordinates; each is in [0, 1] per device before scaling. */
export const evaluationMetrics = [
  'devices', // 1 for each device that evaluated
  'sampledHr10',
  'sampledNdcg10',
  'fullHr10',
  'fullNdcg10',
  'loss', // min(loss, 10) / 10
] as const;
