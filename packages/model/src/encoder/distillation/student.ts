/** A student made of some of its teacher's layers, before it has learned anything (Sanh et al. 2019, "DistilBERT", section 3). */
import type { EncoderTexts } from '../configuration/parse.ts';
import type { EncoderConfiguration } from '../configuration.ts';
import { EncoderError } from '../error.ts';
import { parseJsonObject } from '../json.ts';
import { weightPrefix } from '../network/load.ts';
import { layerModules } from '../network/module-names.ts';
import { requiredWeights } from '../network/required-weights.ts';
import type { WeightSource } from '../weights.ts';

/**
 * Which of a teacher's layers a student of `layers` takes: at equal steps, the first one always.
 * @throws EncoderError 'malformed' unless 1 <= layers < teacherLayers
 */
export function evenLayers(teacherLayers: number, layers: number): readonly number[] {
  if (!Number.isInteger(layers) || layers < 1 || layers >= teacherLayers) {
    throw new EncoderError({
      code: 'malformed',
      problem: `a student of ${layers} layers was asked of a teacher of ${teacherLayers}`,
      expected: teacherLayers === 1 ? 'a teacher of two layers or more' : `1 to ${teacherLayers - 1} layers`,
      remedy: 'Ask for fewer layers, or choose a larger teacher.',
    });
  }
  return Array.from({ length: layers }, (_, layer) => Math.floor((layer * teacherLayers) / layers));
}

/** The teacher's embeddings and the layers chosen, under the names that a student of so many layers has. */
export function studentWeights(
  teacher: EncoderConfiguration,
  weights: WeightSource,
  chosen: readonly number[],
): WeightSource {
  const prefix = weightPrefix(teacher, weights);
  const student = { ...teacher, layers: chosen.length };
  const origins = new Map<string, string>();
  const layerOf = (configuration: EncoderConfiguration, layer: number) =>
    Object.values(layerModules(configuration, layer)).flat();
  const modules = new Map(
    chosen.flatMap((from, to) => {
      const origin = layerOf(teacher, from);
      return layerOf(student, to).map((module, at) => [module, origin[at]] as const);
    }),
  );
  for (const { name } of requiredWeights(student)) {
    const [, module, part] = /^(.*)\.(weight|bias)$/.exec(name) ?? [];
    origins.set(name, `${prefix}${modules.get(module) ?? module}.${part}`);
  }
  const originOf = (name: string) => origins.get(name) ?? name;
  return {
    names: [...origins.keys()],
    shapeOf: (name) => weights.shapeOf(originOf(name)),
    read: (name) => weights.read(originOf(name)),
  };
}

const layerFields: Readonly<Record<string, string>> = { distilbert: 'n_layers', gpt2: 'n_layer' };

/** The teacher's files with the student's number of layers in config.json. */
export function studentTexts(texts: EncoderTexts, layers: number): EncoderTexts {
  const config = parseJsonObject('config.json', texts['config.json']);
  const field = layerFields[String(config.model_type)] ?? 'num_hidden_layers';
  return { ...texts, 'config.json': `${JSON.stringify({ ...config, [field]: layers }, null, 2)}\n` };
}
