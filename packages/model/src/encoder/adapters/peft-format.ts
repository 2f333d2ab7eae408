/** LoRA adapters in the files of Hugging Face's peft: adapter_config.json and adapter_model.safetensors, both ways. */
import { unflatten } from '../../parameters/layout.ts';
import { bytesSource, writeSafetensors } from '../../safetensors/index.ts';
import type { EncoderConfiguration } from '../configuration.ts';
import { EncoderError } from '../error.ts';
import type { WeightSource } from '../weights.ts';
import { openWeights } from '../weights-file/open-weights.ts';
import { type Adapter, createAdapter, moduleOf } from './adapter.ts';
import { configFile, parsePeftConfig, peftConfigText } from './peft-config.ts';
import type { Projection } from './settings.ts';

export interface PeftFiles {
  /** adapter_config.json */
  readonly config: string;
  /** adapter_model.safetensors */
  readonly weights: Uint8Array;
}

export interface PeftOptions {
  /** Hex, of the encoder that the adapter is for. Files of ours name theirs; those of others name none, and are taken. */
  readonly encoderHash: string;
}

const weightsFile = 'adapter_model.safetensors';
const start = 'base_model.model.';
const modelPrefixes = ['bert.', 'roberta.', 'distilbert.', 'electra.', 'transformer.'];
const hashKey = 'tributary.encoder';

/**
 * @param parameters [layout.size]
 * @throws EncoderError 'unsupported-architecture' for adapters other than LoRA, whose files PEFT has no type for
 */
export function writePeftAdapter(
  configuration: EncoderConfiguration,
  adapter: Adapter,
  parameters: Float32Array,
  { encoderHash, baseName }: PeftOptions & { readonly baseName?: string },
): PeftFiles {
  const { settings, layout, frozen } = adapter;
  if (settings.kind !== 'lora') {
    throw new EncoderError({
      code: 'unsupported-architecture',
      problem: `the adapter is of kind "${settings.kind}"`,
      expected: '"lora", which PEFT has',
      remedy: 'Keep it in a model file of this project.',
    });
  }
  const values = unflatten(layout, parameters);
  const trained = layout.tensors.map(({ name, shape }) => ({ name, shape, values: values.get(name) as Float32Array }));
  const tensors = [...trained, ...[...frozen].map(([name, tensor]) => ({ name, ...tensor }))];
  tensors.sort((a, b) => (a.name < b.name ? -1 : 1));
  const modules = [...new Set(tensors.map(({ name }) => name.replace(/\.lora_[AB]\.weight$/, '')))];
  return {
    config: peftConfigText({ ...settings, modules, configuration, ...(baseName !== undefined && { baseName }) }),
    weights: writeSafetensors({
      tensors: tensors.map((tensor) => ({ ...tensor, name: start + tensor.name })),
      metadata: { format: 'pt', [hashKey]: encoderHash },
    }),
  };
}

/**
 * @param frozenA whether only B is trained further (FFA-LoRA), with the file's A; true by default
 * @returns the adapter with the file's A where that is frozen, and its parameters [layout.size]
 * @throws EncoderError 'malformed', 'not-finite', 'unsupported-architecture' naming the option, 'adapter-base-mismatch' where the
 * file is for another encoder: by its hash, or by its modules and shapes
 */
export async function readPeftAdapter(
  configuration: EncoderConfiguration,
  { config, weights }: PeftFiles,
  { encoderHash, frozenA = true }: PeftOptions & { readonly frozenA?: boolean },
): Promise<{ readonly adapter: Adapter; readonly parameters: Float32Array }> {
  const lora = parsePeftConfig(config);
  const file = await openWeights([{ name: weightsFile, source: bytesSource(weights) }]);
  const base = file.metadata[hashKey];
  if (base !== undefined && base !== encoderHash) {
    throw mismatch(
      `the adapter is for the encoder ${base.slice(0, 16)}`,
      `one for the encoder ${encoderHash.slice(0, 16)}`,
    );
  }
  const { names, layers, targets } = placesOf(configuration, file);
  const fresh = createAdapter(configuration, { kind: 'lora', ...lora, targets, layers, frozenA }, encoderHash);
  const readAs = async (name: string, shape: readonly number[]) => {
    const key = names.get(name);
    if (key === undefined) throw mismatch(`${weightsFile} has no ${name}`, 'the same targets in each adapted layer');
    const found = file.shapeOf(key) ?? [];
    if (`${found}` !== `${shape}`) throw mismatch(`${name} has shape [${found}]`, `shape [${shape}]`);
    return file.read(key);
  };
  const parameters = new Float32Array(fresh.layout.size);
  for (const { name, shape, offset } of fresh.layout.tensors) parameters.set(await readAs(name, shape), offset);
  const frozen = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  for (const [name, { shape }] of fresh.frozen) frozen.set(name, { shape, values: await readAs(name, shape) });
  const used = fresh.layout.tensors.length + frozen.size;
  if (used !== names.size)
    throw mismatch(`${weightsFile} has ${names.size} tensors`, `${used}, alike in each adapted layer`);
  return { adapter: { ...fresh, frozen }, parameters };
}

interface Places {
  /** Names in the file by ours. */
  readonly names: ReadonlyMap<string, string>;
  readonly layers: readonly number[];
  readonly targets: readonly Projection[];
}

const projections: readonly Projection[] = ['query', 'key', 'value', 'attention-output', 'intermediate', 'output'];

function placesOf(configuration: EncoderConfiguration, file: WeightSource): Places {
  const modules = new Map<string, { layer: number; target: Projection }>();
  for (let layer = 0; layer < configuration.layers; layer++) {
    for (const target of projections) {
      const module = moduleOf(configuration, layer, target);
      // GPT-2's fused map is one module for three targets.
      if (!modules.has(module)) modules.set(module, { layer, target });
    }
  }
  const names = new Map<string, string>();
  const layers = new Set<number>();
  const targets = new Set<Projection>();
  for (const key of file.names) {
    const [, path, part] = /^base_model\.model\.(.+)\.lora_([AB])\.weight$/.exec(key) ?? [];
    const prefix = modelPrefixes.find(
      (candidate) => path?.startsWith(candidate) && modules.has(path.slice(candidate.length)),
    );
    const module = path?.slice(prefix?.length ?? 0);
    const place = module === undefined ? undefined : modules.get(module);
    if (!place)
      throw mismatch(`${weightsFile} has the tensor ${key.slice(0, 120)}`, 'LoRA on linear maps of this encoder');
    names.set(`${module}.lora_${part}.weight`, key);
    layers.add(place.layer);
    targets.add(place.target);
  }
  if (names.size === 0) throw mismatch(`${weightsFile} has no tensor`, `those that ${configFile} names`);
  return {
    names,
    layers: [...layers].sort((a, b) => a - b),
    targets: projections.filter((target) => targets.has(target)),
  };
}

function mismatch(problem: string, expected: string): EncoderError {
  return new EncoderError({
    code: 'adapter-base-mismatch',
    problem,
    expected,
    remedy: 'Take the encoder that the adapter was trained on, or another adapter.',
  });
}
