/**
 * A task as its operator writes it: one document, validated once, from which the coordinator, the devices and the simulator
 * take everything they need. Parsed from YAML or JSON at the edge; past this schema, types are trusted.
 */
import * as z from 'zod/mini';
import { modelSchema } from './model-document.ts';
import {
  defaultSecureSettings,
  minimumSecureCohort,
  noiseProblems,
  privacySchema,
  type secureSettingsSchema,
} from './privacy-document.ts';
import { integer, positive, real } from './ranges.ts';
import { isSecondOrder } from './second-order.ts';

export * from './by-interactions-alone.ts';
export * from './device-encoder.ts';
export * from './privacy-document.ts';
export * from './second-order.ts';

const identifier = z
  .string()
  .check(
    z.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected 1 to 63 lower-case letters, digits and dashes, e.g. "films-2026"'),
  );

/** Local SGD of `matrix-factorisation` and `neumf`. */
export const localSgdSchema = z.strictObject({
  epochs: integer(1, 100),
  reconstructionEpochs: integer(0, 100),
  batchSize: integer(1, 65_536),
  learningRate: positive(100),
  privateLearningRate: positive(100),
  negativesPerPositive: integer(1, 100),
  regularisation: real(0, 10),
});

export const trainingSchema = z.strictObject({
  /** `matrix-factorisation` and `neumf` only. */
  local: z.optional(localSgdSchema),
  backend: z.optional(z.enum(['fused', 'tfjs'])),
  /** `implicit-als` only: weight of a device's own history by age; with an exponent by a power, else exponentially. */
  recency: z.optional(
    z.nullable(
      z.strictObject({ floor: real(0, 10), timeConstant: positive(10_000), exponent: z.optional(positive(100)) }),
    ),
  ),
  /** `implicit-als` only: whether training uses the recency-weighted solve too, or recommending alone. */
  recencyInTraining: z.optional(z.boolean()),
  /** `implicit-als` only: interactions that one local solve of training holds at most; null for all of a history. */
  windowLength: z.optional(z.nullable(integer(1, 1_000_000))),
  /** `implicit-als` only: most items of one device that a contribution covers. */
  itemCap: z.optional(z.nullable(integer(1, 1_000_000))),
  /** `implicit-als` only: scales of the groups under the common clip. */
  groupScales: z.optional(z.strictObject({ rows: positive(1e6), counts: positive(1e6), outer: positive(1e6) })),
  /**
   * `implicit-als` only: bounds of the scaled groups as shares of the clip norm, each clipped alone; squares at most 1 together. Left
   * out, the groups are clipped as one.
   */
  groupClip: z.optional(z.strictObject({ rows: positive(1), counts: positive(1), outer: positive(1) })),
  /**
   * `implicit-als` only: what item vectors are drawn towards where noise hides them: their mean (default), or what the catalogue's
   * attributes and release years ("Heat (1995)") predict.
   */
  prior: z.optional(z.enum(['mean', 'attributes'])),
});

export const cohortSchema = z.strictObject({
  /** Contributions that a round aims for. */
  target: integer(1, 1_000_000),
  /** Contributions below which a round is abandoned. */
  minimum: integer(1, 1_000_000),
  /** Devices invited per contribution aimed for, against dropouts. */
  overSelection: z._default(real(1, 10), 1.2),
  /** Wait for enough devices to be available, then for their uploads. */
  selectionSeconds: z._default(real(0.01, 86_400), 60),
  collectionSeconds: z._default(real(0.01, 86_400), 300),
  /** Of each short phase of a secure round: keys, neighbours, shares, acknowledgements, shares revealed. */
  phaseSeconds: z._default(real(0.01, 86_400), 30),
  /** Pause before a round is opened after one that closed or was abandoned. */
  pauseSeconds: z._default(real(0, 86_400), 0),
});

export const optimizerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fedavg'), learningRate: positive(100) }),
  z.strictObject({ kind: z.literal('fedavgm'), learningRate: positive(100), momentum: real(0, 0.9999) }),
  z.strictObject({ kind: z.literal('fedadagrad'), learningRate: positive(100), tau: positive(1) }),
  z.strictObject({
    kind: z.literal('fedadam'),
    learningRate: positive(100),
    beta1: z._default(real(0, 0.99999), 0.9),
    beta2: z._default(real(0, 0.99999), 0.99),
    tau: z._default(positive(1), 1e-3),
  }),
  z.strictObject({
    kind: z.literal('fedyogi'),
    learningRate: positive(100),
    beta1: z._default(real(0, 0.99999), 0.9),
    beta2: z._default(real(0, 0.99999), 0.99),
    tau: z._default(positive(1), 1e-3),
  }),
]);

export const evaluationSchema = z.strictObject({
  /** Whether devices hold their latest interaction out of training and rank it, reporting only into the round's sum. */
  federated: z._default(z.boolean(), true),
  /** Negatives of the sampled ranking. */
  negatives: z._default(integer(1, 1000), 99),
  /** Scale of the metrics under the common clip, as a share of the clip norm. */
  scale: z._default(positive(0.3), 0.01),
});

const fields = z.strictObject({
  version: z.literal(1),
  task: identifier,
  /** The people whose budget the task draws on. Tasks on the same people name the same population. */
  population: identifier,
  /** Path of the catalogue file, relative to the document: JSON, an array of { id, title, attributes, description }. */
  catalogue: z.optional(z.string().check(z.minLength(1), z.maxLength(4096))),
  model: modelSchema,
  training: z._default(trainingSchema, {}),
  rounds: integer(1, 1_000_000),
  cohort: cohortSchema,
  /** `uniform`: each contribution counts once. `examples`: by min(examples, cap) / cap. */
  weighting: z._default(
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('uniform') }),
      z.strictObject({ kind: z.literal('examples'), cap: integer(1, 1_000_000) }),
    ]),
    { kind: 'uniform' },
  ),
  privacy: privacySchema,
  optimizer: optimizerSchema,
  evaluation: z._default(evaluationSchema, { federated: true, negatives: 99, scale: 0.01 }),
  /** Seed of the first model version and of public sampling. */
  seed: z._default(integer(0, 0xffff_ffff), 1),
});

/** Rules that span fields; each names the path that it blames. */
export const taskDocumentSchema = fields.check((context) => {
  const task = context.value;
  const blame = (path: (string | number)[], message: string) =>
    context.issues.push({ code: 'custom', input: task, path, message });
  if (task.cohort.minimum > task.cohort.target) {
    blame(['cohort', 'minimum'], `expected at most cohort.target (${task.cohort.target}), got ${task.cohort.minimum}`);
  }
  noiseProblems(task).forEach(({ path, message }) => blame(['privacy', ...path], message));
  const { plan, clipNorm, secure } = task.privacy;
  if (plan === 'secure') {
    if (clipNorm === null) {
      blame(
        ['privacy', 'clipNorm'],
        'expected a number: the plan "secure" needs a clip norm, since the scale of its integers is computed from it',
      );
    }
    if (task.cohort.minimum < minimumSecureCohort) {
      blame(
        ['cohort', 'minimum'],
        `expected at least ${minimumSecureCohort} for the plan "secure", got ${task.cohort.minimum}: a sum over fewer says too much about each`,
      );
    }
  } else if (secure !== undefined) {
    blame(['privacy', 'secure'], 'expected nothing: it is for the plan "secure"');
  }
  const alsOnly = [
    'recency',
    'recencyInTraining',
    'windowLength',
    'itemCap',
    'groupScales',
    'groupClip',
    'prior',
  ] as const;
  const sgdOnly = ['local', 'backend'] as const;
  const { groupClip } = task.training;
  if (groupClip && Math.hypot(groupClip.rows, groupClip.counts, groupClip.outer) > 1 + 1e-9) {
    blame(['training', 'groupClip'], 'expected shares whose squares are at most 1 together: they share one clip norm');
  }
  const { model } = task;
  if (model.kind === 'hybrid') {
    if (!model.features.text && !model.features.attributes) {
      blame(['model', 'features'], 'expected text, attributes or both: without either the model is a plain one');
    }
    if (isSecondOrder(model)) {
      if (task.training.prior !== undefined) {
        blame(['training', 'prior'], "expected nothing: a hybrid model's prior is of its features");
      }
      if (model.kind === 'hybrid' && model.adapter) {
        if (!model.features.text) {
          blame(['model', 'features', 'text'], 'expected true: model.adapter is one of the text encoder');
        }
        if (task.privacy.noise) {
          blame(
            ['model', 'adapter'],
            'expected nothing under noise: what single items ask for is noise for the most part',
          );
        }
      }
    } else {
      if (model.features.text && model.encoder === null) {
        blame(['model', 'encoder'], "expected the encoder's hash: devices encode texts with it");
      }
      if (model.plan === 'full' && !model.features.text) {
        blame(['model', 'features', 'text'], 'expected true: the plan full trains an adapter of the text encoder');
      }
      const { groupClip: shares } = model;
      if (shares && Math.hypot(shares.rows, shares.fusion, shares.adapter) > 1 + 1e-9) {
        blame(['model', 'groupClip'], 'expected shares whose squares are at most 1 together: they share one clip norm');
      }
      if (task.training.backend === 'tfjs') {
        blame(['training', 'backend'], 'expected nothing or fused: hybrids train by fused kernels');
      }
    }
  }
  if (isSecondOrder(model)) {
    for (const key of sgdOnly) {
      if (task.training[key] !== undefined) {
        blame(
          ['training', key],
          `expected nothing: ${model.kind} has no ${key}; it is for matrix-factorisation, neumf and hybrids trained on devices`,
        );
      }
    }
  } else {
    for (const key of alsOnly) {
      if (task.training[key] !== undefined)
        blame(['training', key], `expected nothing: ${key} is for implicit-als and for hybrid by public items`);
    }
    if (!task.training.local)
      blame(['training', 'local'], `expected local training settings: ${model.kind} needs them`);
  }
});

export type TaskDocument = z.infer<typeof taskDocumentSchema>;
export type ModelDocument = TaskDocument['model'];
export type TrainingDocument = TaskDocument['training'];
export type LocalSgdDocument = z.infer<typeof localSgdSchema>;
export type OptimizerDocument = z.infer<typeof optimizerSchema>;
export type PrivacyDocument = z.infer<typeof privacySchema>;
export type SecureSettings = z.infer<typeof secureSettingsSchema>;

/** Settings of the plan `secure`, defaults filled in. */
export function secureSettingsOf({ secure }: Pick<PrivacyDocument, 'secure'>): SecureSettings {
  return secure ?? defaultSecureSettings;
}

export type CohortDocument = z.infer<typeof cohortSchema>;
export type EvaluationDocument = z.infer<typeof evaluationSchema>;

/** One thing wrong with a document: where, and what was expected. */
export interface TaskDocumentProblem {
  /** Path of the field, e.g. `cohort.minimum`; empty for the document itself. */
  readonly path: string;
  readonly message: string;
}

export type TaskDocumentCheck =
  | { readonly ok: true; readonly task: TaskDocument }
  | { readonly ok: false; readonly problems: readonly TaskDocumentProblem[] };

/** Validates a parsed document; never throws. */
export function checkTaskDocument(value: unknown): TaskDocumentCheck {
  const result = taskDocumentSchema.safeParse(value, { error: z.locales.en().localeError });
  if (result.success) return { ok: true, task: result.data };
  return { ok: false, problems: result.error.issues.flatMap(problemsOf) };
}

/** One problem per field. A field that does not belong is blamed on what holds it, and named in the message. */
function problemsOf(issue: z.core.$ZodIssue): readonly TaskDocumentProblem[] {
  const path = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  return issue.keys.map((key) => ({
    path,
    message: `Unrecognized key: "${key}"; expected no field of this name here`,
  }));
}

/**
 * The model part of a task as a recommender is built from it, defaults filled in. Structurally the
 * `RecommenderSpecification` of `@tributary/model`.
 */
export function recommenderSpecificationOf(
  task: { readonly model: ModelDocument; readonly training: TrainingDocument },
  itemCount: number,
) {
  const { model, training } = task;
  if (isSecondOrder(model)) {
    const settings = {
      itemCount,
      recency: training.recency ?? null,
      recencyInTraining: training.recencyInTraining ?? false,
      windowLength: training.windowLength ?? null,
      itemCap: training.itemCap ?? null,
      groupScales: training.groupScales ?? { rows: 1, counts: 0.1, outer: 0.5 },
      groupClip: training.groupClip ?? null,
    };
    if (model.kind === 'hybrid') return { ...model, ...settings };
    return { ...model, ...settings, prior: training.prior ?? ('mean' as const) };
  }
  // checkTaskDocument has made sure that these kinds have local settings.
  const local = training.local as LocalSgdDocument;
  if (model.kind === 'hybrid') {
    const { encoder: _encoder, ...rest } = model;
    return { ...rest, itemCount, local, adapter: rest.plan === 'full' ? rest.adapter : null };
  }
  return { ...model, itemCount, local, backend: training.backend ?? ('fused' as const) };
}
