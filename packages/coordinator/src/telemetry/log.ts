/**
 * Structured logs that cannot carry a person's data: a line has a message written in this code, and fields of a fixed list.
 * Whatever else is passed is dropped, also inside of errors.
 */
import { RefusalError } from '@tributary/protocol';
import { type DestinationStream, type Level, pino } from 'pino';
import { LedgerError } from '../ledger/ledger.ts';
import { RegistryError } from '../registry/registry-error.ts';
import { NoisePlanError } from '../release/calibrate-noise.ts';
import { OpeningError } from '../release/opening-error.ts';
import { SecurePlanError } from '../round/secure-plan.ts';
import { StoreError } from '../store/store-error.ts';

/** Fields that a log line may have. None is about one device or one person. */
export const loggedFields = [
  'task',
  'population',
  'round',
  'phase',
  'outcome',
  'status',
  'reason',
  'version',
  'origin',
  'invited',
  'contributions',
  'bytes',
  'seconds',
  'epsilon',
  'delta',
  'budget',
  'code',
  'count',
  'software',
  'url',
  'port',
  'store',
  'plan',
  'engine',
  'signal',
] as const;

export type LogFields = { readonly [K in (typeof loggedFields)[number]]?: string | number | boolean | null };

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** Of errors that are not this project's own, only the class, the code and the places of the stack are written. */
  error(message: string, error?: unknown, fields?: LogFields): void;
}

export type LogLevel = Level | 'silent';

/** Longer texts are cut: no field needs more, and a payload does not fit. */
const longestText = 500;

/** @param options.destination where JSON lines go; stdout by default */
export function createLog(options: { readonly level: LogLevel; readonly destination?: DestinationStream }): Log {
  const settings = { level: options.level, base: null };
  const logger = options.destination ? pino(settings, options.destination) : pino(settings);
  return {
    debug: (message, fields) => logger.debug(allowed(fields), message),
    info: (message, fields) => logger.info(allowed(fields), message),
    warn: (message, fields) => logger.warn(allowed(fields), message),
    error: (message, error, fields) => logger.error({ ...allowed(fields), ...described(error) }, message),
  };
}

/** The listed fields with plain values; everything else is dropped. */
function allowed(fields: LogFields = {}): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name of loggedFields) {
    const value: unknown = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (typeof value === 'string') kept[name] = value.slice(0, longestText);
    else if (typeof value === 'number' || typeof value === 'boolean' || value === null) kept[name] = value;
  }
  return kept;
}

/** Errors whose messages are written in this project, which puts no person's data into them. */
const ownErrors = [StoreError, RegistryError, LedgerError, RefusalError, SecurePlanError, NoisePlanError, OpeningError];

/** What may be told of an error, whose message may quote anything. */
function described(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return error === undefined ? {} : { error: { type: typeof error } };
  const { code } = error as { code?: unknown };
  const frames = error.stack?.split('\n').filter((line) => /^ {4}at /.test(line));
  return {
    error: {
      type: error.constructor.name,
      ...(typeof code === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(code) ? { code } : {}),
      ...(ownErrors.some((own) => error instanceof own) ? { message: error.message.slice(0, longestText) } : {}),
      stack: framesOf(error, frames ?? []).slice(0, 12),
    },
  };
}

/** Places in the code; a message of several lines may look like one, and is left out. */
function framesOf(error: Error, lines: readonly string[]): string[] {
  const quoted = new Set(error.message.split('\n'));
  return lines.filter((line) => !quoted.has(line)).map((line) => line.trim());
}
