/** How sentence-transformers makes one vector of a text (Reimers and Gurevych 2019): modules.json and its pooling's config.json. */
import type { EncoderConfiguration } from '../configuration.ts';
import { EncoderError } from '../error.ts';
import { isRecord, parseJsonObject } from '../json.ts';
import { fieldsOf } from './fields.ts';
import type { EncoderTexts } from './parse.ts';

type Pooling = Pick<EncoderConfiguration, 'pooling' | 'normalise'>;

const flags = {
  pooling_mode_mean_tokens: 'mean',
  pooling_mode_cls_token: 'cls',
  pooling_mode_lasttoken: 'last',
} as const;
const names: Readonly<Record<string, Pooling['pooling']>> = { mean: 'mean', cls: 'cls', lasttoken: 'last' };

/** Where there is no modules.json: `missing`, and no normalisation. */
export function parsePooling(texts: EncoderTexts, missing: Pooling['pooling']): Pooling {
  const text = texts['modules.json'];
  if (text === undefined) return { pooling: missing, normalise: false };
  let pooling = missing;
  let normalise = false;
  for (const { type, path } of modulesOf(text)) {
    if (type === 'Normalize') normalise = true;
    else if (type === 'Pooling') {
      const file = `${path}/config.json`;
      if (texts[file] !== undefined) pooling = modeOf(file, texts[file]);
    } else if (type !== 'Transformer') {
      throw new EncoderError({
        code: 'unsupported-architecture',
        problem: `modules.json has a module of type ${JSON.stringify(type.slice(0, 60))}`,
        expected: 'Transformer, Pooling and Normalize',
        remedy: 'Choose an encoder without it.',
      });
    }
  }
  return { pooling, normalise };
}

/** The path of the pooling's config.json in the folder, which modules.json names; undefined where there is none. */
export function poolingFile(modules: string): string | undefined {
  const path = modulesOf(modules).find(({ type }) => type === 'Pooling')?.path;
  return path === undefined ? undefined : `${path}/config.json`;
}

function modulesOf(text: string): { readonly type: string; readonly path: string }[] {
  const { modules } = parseJsonObject('modules.json', `{"modules":${text}}`);
  const sound = (module: unknown): module is { type: string; path: string } =>
    isRecord(module) && typeof module.type === 'string' && typeof module.path === 'string';
  if (!Array.isArray(modules) || !modules.every(sound)) {
    throw new EncoderError({
      code: 'malformed',
      problem: 'modules.json is not a list of modules with a type and a path',
      expected: 'the file as sentence-transformers writes it',
      remedy: 'Download the model again.',
    });
  }
  return modules.map(({ type, path }) => {
    if (path !== '' && !/^[\w-]+$/.test(path)) {
      throw new EncoderError({
        code: 'malformed',
        problem: `modules.json has the path ${JSON.stringify(path.slice(0, 60))}`,
        expected: 'a folder beside it',
        remedy: 'Download the model again.',
      });
    }
    return { type: type.slice(type.lastIndexOf('.') + 1), path };
  });
}

function modeOf(file: string, text: string): Pooling['pooling'] {
  const json = parseJsonObject(file, text);
  const fields = fieldsOf(file, json);
  const refuse = (found: string) =>
    fields.refuse(found, 'the mean, the first ([CLS]) or the last token, one of them', 'unsupported-architecture');
  if (json.pooling_mode !== undefined) {
    const mode = fields.text('pooling_mode');
    return Object.hasOwn(names, mode) ? names[mode] : refuse(`pooling_mode is ${JSON.stringify(mode.slice(0, 60))}`);
  }
  const chosen = Object.keys(json).filter((name) => name.startsWith('pooling_mode_') && fields.flag(name, false));
  const [only] = chosen;
  if (chosen.length === 1 && Object.hasOwn(flags, only)) return flags[only as keyof typeof flags];
  return refuse(`the pooling is ${chosen.join(' and ') || 'none'}`);
}
