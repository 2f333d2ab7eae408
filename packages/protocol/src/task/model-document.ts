/** What a task document says of its model. */
import * as z from 'zod/mini';
import { integer, positive } from './ranges.ts';

const secondOrderFields = {
  dimension: integer(1, 512),
  /** a0, the weight of an unobserved pair. */
  unobservedWeight: z._default(positive(10), 0.15),
  /** lambda, frequency-scaled L2. */
  regularisation: z._default(positive(10), 0.004),
  initialScale: z._default(positive(10), 0.1),
  /** Scale of one vector that all first item vectors have in common, and of one for each attribute and release year. */
  initialCommonScale: z.optional(positive(10)),
  initialAttributeScale: z.optional(positive(10)),
};
const implicitAlsModel = z.strictObject({ kind: z.literal('implicit-als'), ...secondOrderFields });

/** Which public facts of items their vectors are predicted from. */
const itemFacts = z._default(
  z.strictObject({ text: z._default(z.boolean(), true), attributes: z._default(z.boolean(), true) }),
  { text: true, attributes: true },
);

/** Low-rank adaptation of a text encoder. */
const loraFields = {
  rank: z._default(integer(1, 256), 8),
  /** Scaling is alpha / rank. */
  alpha: z._default(positive(1024), 16),
  /** Projections of every adapted layer. */
  targets: z._default(
    z
      .array(z.enum(['query', 'key', 'value', 'attention-output', 'intermediate', 'output']))
      .check(z.minLength(1), z.maxLength(6)),
    ['query', 'value'],
  ),
  /** Adapted layers, the last ones of the encoder; null for all. */
  lastLayers: z._default(z.nullable(integer(1, 256)), null),
  /** FFA-LoRA: A stays as it was drawn, B alone is trained; a sum of devices' products is a product of the sum then. */
  frozenA: z._default(z.boolean(), true),
};

const publicItemsModel = z.strictObject({
  kind: z.literal('hybrid'),
  /** The coordinator fits what texts and attributes of items tell; devices train as for `implicit-als`. */
  plan: z._default(z.literal('public-items'), 'public-items'),
  features: itemFacts,
  /** Principal components of the encodings that are kept; null for all of their width. */
  textComponents: z._default(z.nullable(integer(1, 4096)), 64),
  /** The coordinator fits an adapter of the encoder to each round's sums; left out, the encoder is as it comes. */
  adapter: z.optional(
    z.strictObject({
      ...loraFields,
      /** Steps of Adam in each round. */
      steps: z._default(integer(0, 10_000), 40),
      learningRate: z._default(positive(1), 0.01),
      /** Items whose texts one step takes gradients through. */
      texts: z._default(integer(1, 65_536), 128),
    }),
  ),
  ...secondOrderFields,
});

const groupsOfHybrid = (value: ReturnType<typeof positive>) =>
  z.strictObject({ rows: value, fusion: value, adapter: value });

const onDeviceFields = {
  dimension: integer(1, 512),
  initialScale: z._default(positive(10), 0.1),
  features: itemFacts,
  /** SHA-256, hex, of the encoder that devices encode texts with; null where features are of attributes alone. */
  encoder: z._default(
    z.nullable(z.string().check(z.regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits'))),
    null,
  ),
  /** Width of its encodings. */
  textWidth: z._default(integer(1, 8192), 384),
  scorer: z._default(
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('dot') }),
      z.strictObject({
        kind: z.literal('gmf-mlp'),
        mlpDimension: integer(1, 512),
        hiddenLayers: z.array(integer(1, 2048)).check(z.minLength(1), z.maxLength(8)),
      }),
      z.strictObject({ kind: z.literal('cross-attention') }),
    ]),
    { kind: 'dot' },
  ),
  /** What gate, projections and attribute vectors move by, as a multiple of what the rows do. */
  fusionRate: z._default(positive(1000), 1),
  /** Scales of the groups under the common clip. */
  groupScales: z._default(groupsOfHybrid(positive(1e6)), { rows: 1, fusion: 1, adapter: 1 }),
  /** Bounds of the scaled groups as shares of the clip norm, squares at most 1 together; null: clipped as one. */
  groupClip: z._default(z.nullable(groupsOfHybrid(positive(1))), null),
};

/** Devices train the fusion; texts are encoded once. */
const cheapModel = z.strictObject({ kind: z.literal('hybrid'), plan: z.literal('cheap'), ...onDeviceFields });

/** Devices that can also train an adapter of the encoder: LoRA by default. */
const fullModel = z.strictObject({
  kind: z.literal('hybrid'),
  plan: z.literal('full'),
  ...onDeviceFields,
  adapter: z.strictObject({
    ...loraFields,
    /** Trained parameters; every device that has the encoder makes sure that it is so. */
    size: integer(1, 100_000_000),
    /** What the adapter moves by, as a multiple of what the rows do. */
    rate: z._default(positive(1000), 1),
    /** Texts that a device takes gradients through in a round, at most. */
    texts: z._default(integer(1, 4096), 8),
  }),
});

const matrixFactorisationModel = z.strictObject({
  kind: z.literal('matrix-factorisation'),
  dimension: integer(1, 512),
  initialScale: z._default(positive(10), 0.1),
});

const neuMfModel = z.strictObject({
  kind: z.literal('neumf'),
  dimension: integer(1, 512),
  mlpDimension: integer(1, 512),
  hiddenLayers: z.array(integer(1, 2048)).check(z.minLength(1), z.maxLength(8)),
  initialScale: z._default(positive(10), 0.1),
});

export const modelSchema = z.discriminatedUnion('kind', [
  implicitAlsModel,
  z.discriminatedUnion('plan', [publicItemsModel, cheapModel, fullModel]),
  matrixFactorisationModel,
  neuMfModel,
]);
