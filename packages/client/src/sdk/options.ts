/** What a host passes to `createTributary`, checked once. */
import type { LocalBackendFactory } from '@tributary/model';
import { bytesToHex, hexToBytes, type Identity, type SecureRandom, type Verify, verify } from '@tributary/privacy';
import { type Agreement, type AgreementOptions, agreementOf } from '../agreement/agreement.ts';
import { type ConditionsOptions, checkConditions, type Surroundings } from '../conditions/conditions.ts';
import { type ConsentStatus, checkConsentOption } from '../conditions/consent.ts';
import { TributaryError } from '../errors/tributary-error.ts';
import { createModelCache, type ModelCache } from '../recommend/model-cache.ts';
import { type Backoff, defaultBackoff } from '../session/backoff.ts';
import type { TextOptions } from '../session/item-texts.ts';
import type { Storage } from '../storage/storage.ts';
import type { Log } from './events.ts';
import { platformRandom } from './platform-random.ts';

/** Of `createTributary`; only `url` and `task` are required. */
export interface TributaryOptions {
  /** Of the coordinator: http, https, ws or wss, without a path, e.g. 'https://learn.example.com'. */
  readonly url: string;
  /** Name of the task at that coordinator. */
  readonly task: string;
  /** Before a decision of the person; 'pending' by default. A stored decision outranks it. */
  readonly consent?: ConsentStatus;
  /** Version of the text that the person is asked to agree to; '1' by default. A new version asks again. */
  readonly consentVersion?: string;
  /**
   * The browser's IndexedDB by default, which tabs share; in memory elsewhere. It is closed by `stop()`; another
   * storage belongs to one instance, and stays open where none could be made.
   */
  readonly storage?: Storage;
  /** When to take part: by network, battery, visibility, memory and quota, as far as the runtime tells of them. */
  readonly conditions?: ConditionsOptions;
  /** Where conditions are looked up; the runtime's own by default. */
  readonly surroundings?: Surroundings;
  /** Made and stored by default. */
  readonly identity?: Identity;
  /** The coordinator's public key in hex. Without it the first key that is seen is pinned. */
  readonly coordinatorKey?: string;
  /** What this device agrees to, whatever the coordinator says. */
  readonly agreement?: AgreementOptions;
  /** Whether to connect by itself as soon as there is consent; true by default. */
  readonly autoStart?: boolean;
  /** A cache that many instances in one process share. */
  readonly modelCache?: ModelCache;
  /** Of signatures in secure rounds; `memoisedVerify()` where many instances share a process and check the same ones. */
  readonly verify?: Verify;
  /** `createTfjsBackend` of '@tributary/model/tfjs', for tasks that train with it. */
  readonly tfjs?: LocalBackendFactory;
  /**
   * For tasks whose devices read texts: the encoder, and what this device may spend on it.
   */
  readonly texts?: TextOptions | undefined;
  /** Of keys, nonces and training seeds; the platform's by default. */
  readonly random?: SecureRandom;
  readonly log?: Log;
  /** Delays between attempts to connect; 0.5 s doubling to 60 s by default, with full jitter. */
  readonly backoff?: Partial<Backoff>;
  /** How long a reply may take; 15 s by default. */
  readonly requestTimeoutMilliseconds?: number;
}

export interface CheckedOptions {
  readonly url: string;
  readonly task: string;
  readonly consent: ConsentStatus;
  readonly consentVersion: string;
  /** Undefined: the runtime's own. */
  readonly storage: Storage | undefined;
  readonly conditions: Required<ConditionsOptions>;
  readonly surroundings: Surroundings | undefined;
  readonly identity: Identity | undefined;
  readonly coordinatorKey: string | undefined;
  readonly agreement: Agreement;
  readonly autoStart: boolean;
  readonly modelCache: ModelCache;
  readonly verify: Verify;
  readonly tfjs: LocalBackendFactory | undefined;
  readonly texts: TextOptions | undefined;
  readonly random: SecureRandom;
  readonly log: Log;
  readonly backoff: Backoff;
  readonly requestTimeoutMilliseconds: number;
}

/** Options of an instance whose storage is open. */
export interface OpenedOptions extends CheckedOptions {
  readonly storage: Storage;
}

/** @throws TributaryError 'invalid-option' that names the option and what it must be */
export function checkOptions(options: TributaryOptions): CheckedOptions {
  if (typeof options !== 'object' || options === null) {
    throw new TributaryError(
      'invalid-option',
      "createTributary expects { url, task }, e.g. { url: 'https://…', task: 'shop' }.",
    );
  }
  const { requestTimeoutMilliseconds = 15_000, consentVersion = '1' } = options;
  const backoff = { ...defaultBackoff, ...options.backoff };
  if (typeof options.task !== 'string' || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(options.task)) {
    throw new TributaryError(
      'invalid-option',
      "task must be 1 to 63 lower-case letters, digits and dashes, e.g. 'shop'.",
    );
  }
  if (typeof consentVersion !== 'string' || consentVersion === '') {
    throw new TributaryError('invalid-option', 'consentVersion must be a text that is not empty.');
  }
  if (!(requestTimeoutMilliseconds > 0)) {
    throw new TributaryError('invalid-option', 'requestTimeoutMilliseconds must be above 0.');
  }
  if (!(backoff.baseMilliseconds > 0 && backoff.maximumMilliseconds >= backoff.baseMilliseconds)) {
    throw new TributaryError('invalid-option', 'backoff must have 0 < baseMilliseconds <= maximumMilliseconds.');
  }
  return {
    url: checkUrl(options.url),
    task: options.task,
    consent: checkConsentOption(options.consent),
    consentVersion,
    storage: options.storage,
    conditions: checkConditions(options.conditions),
    surroundings: options.surroundings,
    identity: options.identity,
    coordinatorKey: checkKey(options.coordinatorKey),
    agreement: agreementOf(options.agreement),
    autoStart: options.autoStart ?? true,
    modelCache: options.modelCache ?? createModelCache({ capacity: 1 }),
    verify: options.verify ?? verify,
    tfjs: options.tfjs,
    texts: checkTexts(options),
    random: options.random ?? platformRandom(),
    log: options.log ?? (() => {}),
    backoff,
    requestTimeoutMilliseconds,
  };
}

function checkTexts({ texts, modelCache }: TributaryOptions): TextOptions | undefined {
  if (texts === undefined) return undefined;
  if (typeof texts.model?.encode !== 'function') {
    throw new TributaryError(
      'invalid-option',
      "texts.model must be a text model: createTextModel of '@tributary/model/encoder'.",
    );
  }
  if (
    texts.own !== undefined &&
    (typeof texts.own !== 'string' || texts.own.trim() === '' || modelCache !== undefined)
  ) {
    throw new TributaryError(
      'invalid-option',
      'texts.own must be a text that is not empty, of an instance with a model cache of its own: what is bound to it is of one person.',
    );
  }
  for (const name of ['memoryBytes', 'adapterSeconds'] as const) {
    const value = texts[name];
    if (value !== undefined && !(value >= 0))
      throw new TributaryError('invalid-option', `texts.${name} must be 0 or more.`);
  }
  return texts;
}

/** Scheme, host and port. Not read by URL, whose parts are not there in React Native. */
const address = /^(https?|wss?):\/\/([^\s/?#@:[\]\\]+|\[[\da-f:.]+\])(?::(\d{1,5}))?\/?$/i;

function checkUrl(value: unknown): string {
  const wrong = new TributaryError(
    'invalid-option',
    "url must be the coordinator's address without a path, e.g. 'https://learn.example.com' or 'http://127.0.0.1:7450'.",
  );
  if (typeof value !== 'string') throw wrong;
  const [, scheme, host, port] = address.exec(value) ?? [];
  if (scheme === undefined || Number(port ?? 0) > 65_535) throw wrong;
  return `${scheme}://${host}${port === undefined ? '' : `:${port}`}`.toLowerCase();
}

function checkKey(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^[0-9a-fA-F]{64}$/.test(value)) return bytesToHex(hexToBytes(value));
  throw new TributaryError(
    'invalid-option',
    "coordinatorKey must be the coordinator's public key: 64 hexadecimal digits.",
  );
}
