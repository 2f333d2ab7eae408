/** One device on the command line: the SDK, a folder, and the events of a file. */
import { readFile } from 'node:fs/promises';
import {
  type AgreementOptions,
  createTributary,
  fileStorage,
  type Storage,
  type TextOptions,
  type Tributary,
  type TributaryOutcome,
} from '@tributary/client/node';
import { CommandError } from '../exit/command-error.ts';
import type { Output } from '../output/output.ts';
import { plainText, textTable } from '../output/table.ts';
import { type DeviceEvent, readEventsFile } from './events-file.ts';
import { newEvents } from './new-events.ts';

export interface DeviceOptions {
  readonly url: string;
  readonly task: string;
  readonly events?: string;
  readonly storage: string;
  readonly consent?: boolean;
  /** Whether tasks of the weaker plan are agreed to. */
  readonly allowSealed?: boolean;
  readonly rounds?: number;
  readonly recommend?: number;
  readonly timeout?: number;
  readonly encoder?: string | true;
  readonly ownText?: string;
}

/** The type under which events of a file are tracked. */
const eventType = 'view';

type Ending = TributaryOutcome | { readonly outcome: 'rounds' | 'timeout' | 'asked' };

/**
 * Takes part until the task ends, the rounds are done, the time is up or the signal asks; the events stay in the folder.
 * @throws CommandError `usage` without consent; TributaryError; CommandError `network` when the time was up and nobody answered
 */
export async function runDevice(options: DeviceOptions, output: Output, signal: AbortSignal): Promise<void> {
  if (!options.consent) {
    throw new CommandError('usage', 'Without consent this device sends nothing, so there is nothing to do.', {
      advice: 'Add --consent if the person whose events these are has agreed to take part.',
    });
  }
  if (options.ownText !== undefined && options.encoder === undefined) {
    throw new CommandError('usage', '--own-text is read by a text encoder, and none was given.', {
      advice: 'Add --encoder.',
    });
  }
  const events = options.events === undefined ? [] : await readEventsFile(options.events);
  const storage = await fileStorage(options.storage);
  const { device, fresh } = await openDevice(options, events, storage, output).catch(async (error: unknown) => {
    await storage.close();
    throw error;
  });
  try {
    for (const { itemId, at } of fresh) await device.track({ type: eventType, itemId, ...(at === null ? {} : { at }) });
    output.note(`device ${device.deviceId.slice(0, 12)}: ${fresh.length} new events, kept in ${options.storage}`);
    const taken = await takePart(device, options, output, signal);
    const recommended =
      options.recommend === undefined ? null : (await device.recommend({ count: options.recommend })).items;
    output.result(`took part in ${taken.rounds} rounds; ended: ${taken.reason}`);
    if (recommended !== null) {
      output.result(
        textTable(
          ['item', 'title', 'score'],
          recommended.map(({ id, title, score }) => [plainText(id, 40), plainText(title), score.toFixed(4)]),
          [0, 1],
        ),
      );
    }
    output.data({
      device: device.deviceId,
      rounds: taken.rounds,
      version: taken.version,
      ended: taken.reason,
      recommendations: recommended,
    });
  } finally {
    await device.stop();
  }
}

async function openDevice(
  { url, task, allowSealed, encoder, ownText }: DeviceOptions,
  events: readonly DeviceEvent[],
  storage: Storage,
  output: Output,
) {
  const fresh = await withoutKnown(events, storage);
  const texts = encoder === undefined ? undefined : await readTexts(encoder, ownText, output);
  const agreement: AgreementOptions = allowSealed ? { plans: ['secure', 'sealed'] } : {};
  const device = await createTributary({ url, task, consent: 'granted', storage, autoStart: false, agreement, texts });
  return { device, fresh };
}

async function readTexts(encoder: string | true, ownText: string | undefined, output: Output): Promise<TextOptions> {
  const own = ownText === undefined ? undefined : await readOwnText(ownText);
  const { loadTextModel } = await import('../text/text-model.ts');
  const model = await loadTextModel(encoder, output);
  return own === undefined ? { model } : { model, own };
}

async function readOwnText(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CommandError('input', `The file ${path} of --own-text cannot be read.`, { cause });
  });
  if (text.trim() !== '') return text.trim();
  throw new CommandError('input', `The file ${path} of --own-text is empty.`);
}

interface Participation {
  /** Rounds whose sum holds a contribution of this device, in this run. */
  readonly rounds: number;
  /** The model version in use at the end. */
  readonly version: string | null;
  readonly reason: string;
}

async function takePart(
  device: Tributary,
  { rounds: wanted, timeout, url }: DeviceOptions,
  output: Output,
  signal: AbortSignal,
): Promise<Participation> {
  const contributed = new Set<number>();
  const over = new Set<number>();
  let version: string | null = null;
  let answered = false;
  const stopped = new Promise<Ending>((resolve) => {
    const asked = () => resolve({ outcome: 'asked' });
    if (signal.aborted) asked();
    signal.addEventListener('abort', asked, { once: true });
    if (timeout !== undefined) setTimeout(() => resolve({ outcome: 'timeout' }), timeout * 1000).unref();
    device.on('round', ({ round, phase, reason }) => {
      output.note(`round ${round}: ${phase}${reason ? ` (${plainText(reason, 200)})` : ''}`);
      if (phase === 'uploaded') contributed.add(round);
      if (phase === 'closed' || phase === 'abandoned') over.add(round);
      // The news that a round is over may come before its upload's acknowledgement is through: count what has both.
      if ([...contributed].filter((done) => over.has(done)).length === wanted) resolve({ outcome: 'rounds' });
    });
  });
  device.on('version', ({ hash, round }) => {
    answered = true;
    version = hash;
    output.note(`model version ${hash.slice(0, 12)} of round ${round}`);
  });
  device.on('state', ({ state }) => output.note(`${state}`));
  device.on('error', ({ code, message }) => output.note(`${code}: ${message}`));
  device.start();
  const ending: Ending = await Promise.race([device.finished, stopped]);
  if (ending.outcome === 'failed') throw ending.error;
  if (ending.outcome === 'timeout' && !answered) {
    throw new CommandError('network', `No coordinator with this task answered at ${url} in ${timeout} s.`, {
      advice: 'Check the --url, the --task and that the coordinator runs. The events are kept on this device.',
    });
  }
  return {
    rounds: contributed.size,
    version,
    reason: ending.outcome === 'ended' ? ending.reason : reasons[ending.outcome],
  };
}

const reasons = {
  rounds: 'as many rounds as asked for',
  timeout: 'the time was up',
  asked: 'asked to end',
  stopped: 'stopped',
} as const;

async function withoutKnown(events: readonly DeviceEvent[], storage: Storage): Promise<readonly DeviceEvent[]> {
  const known = await storage.listInteractions();
  return newEvents(
    events,
    known.filter(({ type }) => type === eventType),
    Date.now(),
  );
}
