/** PEFT's adapter_config.json for LoRA (Hugging Face peft 0.21): what is read, what makes no difference, and what is refused. */
import type { Fields } from '../configuration/fields.ts';
import { fieldsOf } from '../configuration/fields.ts';
import type { EncoderConfiguration } from '../configuration.ts';
import { EncoderError } from '../error.ts';
import { isRecord, parseJsonObject } from '../json.ts';

export const configFile = 'adapter_config.json';

/** What of a PEFT configuration a LoRA's outputs depend on, beside its tensors. */
export interface PeftLora {
  readonly rank: number;
  readonly alpha: number;
  readonly dropout: number;
}

/** Fields that change nothing of the outputs, or only where another one that is refused is set. */
const withoutEffect = new Set([
  'auto_mapping',
  'base_model_name_or_path',
  'corda_config',
  'ensure_weight_tying',
  'eva_config',
  'exclude_modules',
  'fan_in_fan_out',
  'inference_mode',
  'layers_pattern',
  'layers_to_transform',
  'loftq_config',
  'lora_ga_config',
  'megatron_core',
  'peft_version',
  'qalora_group_size',
  'revision',
  'runtime_config',
  'target_modules',
  'task_type',
]);
const read = new Set(['peft_type', 'r', 'lora_alpha', 'lora_dropout', 'bias', 'init_lora_weights']);
/** Ways of starting that leave the base weights as they are. */
const plainStarts: readonly unknown[] = [undefined, null, true, false, 'gaussian', 'orthogonal', 'eva'];

/** @throws EncoderError 'malformed', or 'unsupported-architecture' naming the option */
export function parsePeftConfig(text: string): PeftLora {
  const json = parseJsonObject(configFile, text);
  const fields = fieldsOf(configFile, json);
  const type = fields.text('peft_type');
  if (type !== 'LORA') refuse(fields, 'peft_type', type, '"LORA"');
  const bias = fields.text('bias', 'none');
  if (bias !== 'none') refuse(fields, 'bias', bias, '"none"');
  if (!plainStarts.includes(json.init_lora_weights)) {
    refuse(fields, 'init_lora_weights', json.init_lora_weights, 'a start that leaves the base weights as they are');
  }
  for (const [name, value] of Object.entries(json)) {
    if (!withoutEffect.has(name) && !read.has(name) && !isOff(value)) refuse(fields, name, value, 'it left out');
  }
  return {
    rank: fields.count('r', { from: 1, to: 4096 }),
    alpha: fields.positive('lora_alpha', 8),
    dropout: share(json.lora_dropout),
  };
}

export interface PeftConfigOptions extends PeftLora {
  /** Module names without the prefix of a model with a head. */
  readonly modules: readonly string[];
  readonly configuration: EncoderConfiguration;
  /** Name or folder of the base model, for whoever opens it in Python. */
  readonly baseName?: string;
}

export function peftConfigText({ rank, alpha, dropout, modules, configuration, baseName }: PeftConfigOptions): string {
  const json = {
    peft_type: 'LORA',
    task_type: 'FEATURE_EXTRACTION',
    base_model_name_or_path: baseName ?? null,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: dropout,
    // Whole names: a name's end, as "output.dense", would be that of another module too.
    target_modules: modules,
    fan_in_fan_out: configuration.family === 'gpt2', // Conv1D stores [inputs, outputs]
    bias: 'none',
    init_lora_weights: true,
    inference_mode: true,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

function share(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number' && value >= 0 && value < 1) return value;
  throw new EncoderError({
    code: 'malformed',
    problem: `${configFile}: lora_dropout is ${JSON.stringify(value).slice(0, 60)}`,
    expected: 'a share in [0, 1)',
    remedy: 'Save the adapter again.',
  });
}

function isOff(value: unknown): boolean {
  if (value === null || value === false || value === 0 || value === '') return true;
  return Array.isArray(value) ? value.length === 0 : isRecord(value) && Object.keys(value).length === 0;
}

function refuse(fields: Fields, name: string, value: unknown, expected: string): never {
  return fields.refuse(`${name} is ${JSON.stringify(value)?.slice(0, 60)}`, expected, 'unsupported-architecture');
}
