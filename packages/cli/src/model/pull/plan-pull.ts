/** What would be fetched, asked of the server and not fetched yet, but for small files that name others or the licence. */

import { cardLicence, EncoderError, parseShardIndex, poolingFile } from '@tributary/model/encoder';
import { CommandError } from '../../exit/command-error.ts';
import { plainText } from '../../output/table.ts';
import { fetchText, notThere, tooLarge } from './fetch-file.ts';
import { askForFile, type FileOnServer } from './file-on-server.ts';
import type { EncoderSource } from './source.ts';

export interface PullPlan {
  readonly files: readonly FileOnServer[];
  /** The commit that is fetched, where the server named one; else what was asked for; null for an address, which has none. */
  readonly revision: string | null;
  /** Sum of the sizes that the server has said. */
  readonly bytes: number;
  /** As the model card names it; null where it does not. */
  readonly licence: string | null;
}

export interface PlanPullOptions {
  readonly revision: string;
  /** Bytes of all files at most. */
  readonly most: number;
  readonly signal: AbortSignal;
  /** Milliseconds that a server may be silent; a minute where left out. */
  readonly idle?: number | undefined;
}

const optionalFiles = ['sentence_bert_config.json', 'tokenizer_config.json'];
const weightsFile = 'model.safetensors';
/** Of an index or a model card. */
const largestText = 16_777_216;
/** Each is a request at least; the largest models have some hundred shards. */
const mostFiles = 1000;

/** @throws CommandError `network` where a needed file is not there, `input` where it is too much; EncoderError */
export async function planPull(
  source: EncoderSource,
  { revision: asked, most, signal, idle }: PlanPullOptions,
): Promise<PullPlan> {
  const first = await askForFile('config.json', source.urlOf('config.json', asked), signal, idle);
  if (!first) throw notThere(source.urlOf('config.json', asked));
  // From here on one commit, whatever is pushed meanwhile.
  const revision = first.commit ?? asked;
  const urlOf = (file: string) => source.urlOf(file, revision);
  const ask = (file: string) => askForFile(file, urlOf(file), signal, idle);
  const needed = async (file: string) => {
    const found = await ask(file);
    if (!found) throw notThere(urlOf(file));
    return found;
  };
  const textOf = (file: string) => fetchText(urlOf(file), { most: largestText, size: null, signal, idle });

  const files: FileOnServer[] = [{ ...first, url: urlOf('config.json') }, await needed('tokenizer.json')];
  const modules = await textOf('modules.json');
  const pooling = modules === null ? undefined : poolingBeside(modules);
  if (modules !== null) files.push(await needed('modules.json'));
  for (const file of [...(pooling === undefined ? [] : [pooling]), ...optionalFiles]) {
    const found = await ask(file);
    if (found) files.push(found);
  }
  const card = await textOf('README.md');
  if (card !== null) files.push(await needed('README.md'));
  files.push(...(await weights(ask, needed, textOf, urlOf)));
  const bytes = files.reduce((sum, { size }) => sum + (size ?? 0), 0);
  if (bytes > most) throw tooLarge(`What would be fetched, ${bytes} bytes,`, most);
  return { files, revision: source.hasRevisions ? revision : null, bytes, licence: cardLicence(card ?? '') };
}

async function weights(
  ask: (file: string) => Promise<FileOnServer | null>,
  needed: (file: string) => Promise<FileOnServer>,
  textOf: (file: string) => Promise<string | null>,
  urlOf: (file: string) => string,
): Promise<FileOnServer[]> {
  const whole = await ask(weightsFile);
  if (whole) return [whole];
  const index = await textOf(`${weightsFile}.index.json`);
  if (index === null) throw notThere(urlOf(weightsFile));
  const shards = [...new Set(parseShardIndex(index).values())].sort();
  if (shards.length > mostFiles) {
    throw new CommandError(
      'input',
      `${weightsFile}.index.json names ${shards.length} files; expected ${mostFiles} at most.`,
      {
        advice: 'Choose another model.',
      },
    );
  }
  const files = [await needed(`${weightsFile}.index.json`)];
  for (const shard of shards) files.push(await needed(shard));
  return files;
}

/** @throws CommandError `input` where the pooling is in no folder beside modules.json */
function poolingBeside(modules: string): string | undefined {
  let file: string | undefined;
  try {
    file = poolingFile(modules);
  } catch (cause) {
    if (!(cause instanceof EncoderError)) throw cause;
    throw new CommandError('input', plainText(cause.message, 300), { advice: 'Choose another model.', cause });
  }
  if (file === '/config.json') {
    throw new CommandError('input', 'modules.json has an empty path for its Pooling; expected a folder beside it.', {
      advice: 'Choose another model.',
    });
  }
  return file;
}
