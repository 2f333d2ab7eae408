/** The JSON shape that `demo --json` and `simulate --json` end with. More fields may stand beside these. */
import * as z from 'zod/mini';

const share = z.number().check(z.gte(0), z.lte(1));
const count = z.number().check(z.int(), z.gte(0));
const qualitySchema = z.looseObject({
  sampled: z.looseObject({ 'hr@10': share, 'ndcg@10': share }),
  full: z.looseObject({ 'hr@10': share, 'ndcg@10': share, 'coverage@10': share }),
});

export const runResultSchema = z.looseObject({
  data: z.looseObject({ name: z.string(), users: count, items: count, interactions: count }),
  /** The task document, defaults filled in. */
  plan: z.looseObject({ version: z.literal(1), task: z.string() }),
  /** Rounds that closed. */
  rounds: count,
  seconds: z.number().check(z.gt(0)),
  metrics: z.looseObject({
    random: qualitySchema,
    popularity: qualitySchema,
    federated: qualitySchema,
    /** Missing with `--no-central`. */
    central: z.optional(qualitySchema),
  }),
  bytes: z.looseObject({
    uploadPerDeviceRound: z.number().check(z.gt(0)),
    downloadPerDeviceRound: z.number().check(z.gt(0)),
  }),
  privacy: z.looseObject({
    plan: z.string(),
    /** null where the plan makes no claim. */
    epsilon: z.nullable(z.number()),
    delta: z.nullable(z.number()),
    assumption: z.string().check(z.minLength(20)),
    /** Under the plan `secure`: devices of a round, neighbours that each draws, shares that open a secret. */
    cohort: z.optional(count),
    neighbours: z.optional(count),
    threshold: z.optional(count),
    /** Of a simulation under `secure`: whether the protocol was run, or its integers alone were summed. */
    cryptography: z.optional(z.boolean()),
    bits: z.optional(count),
    scale: z.optional(z.number().check(z.gt(0))),
    fill: z.optional(share),
    alignment: z.optional(z.number().check(z.gte(0))),
  }),
});

export type RunResultDocument = z.infer<typeof runResultSchema>;
