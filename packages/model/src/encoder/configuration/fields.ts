/** Fields of a JSON file, each checked where it is read. */
import { EncoderError, type EncoderErrorCode } from '../error.ts';

export interface Fields {
  /** An integer within bounds; the default where the field is missing or null and a default is given. */
  count(name: string, bounds: { readonly from: number; readonly to: number; readonly default?: number }): number;
  /** A positive finite number. */
  positive(name: string, missing: number): number;
  flag(name: string, missing: boolean): boolean;
  text(name: string, missing?: string): string;
  refuse(problem: string, expected: string, code?: EncoderErrorCode): never;
}

/** @throws EncoderError from its functions, 'malformed' unless said otherwise */
export function fieldsOf(file: string, json: Record<string, unknown>): Fields {
  const refuse: Fields['refuse'] = (problem, expected, code = 'malformed') => {
    throw new EncoderError({
      code,
      problem: `${file}: ${problem}`,
      expected,
      remedy:
        code === 'malformed'
          ? 'Download the model again, or choose another one.'
          : 'Choose an encoder of a supported kind.',
    });
  };
  const said = (name: string) => `${name} is ${shown(json[name])}`;
  const isMissing = (name: string) => json[name] === undefined || json[name] === null;
  return {
    count: (name, { from, to, default: missing }) => {
      const value = isMissing(name) ? missing : json[name];
      if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) return value;
      return refuse(said(name), `an integer from ${from} to ${to}`);
    },
    positive: (name, missing) => {
      const value = isMissing(name) ? missing : json[name];
      if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
      return refuse(said(name), 'a positive number');
    },
    flag: (name, missing) => {
      const value = isMissing(name) ? missing : json[name];
      return typeof value === 'boolean' ? value : refuse(said(name), 'true or false');
    },
    text: (name, missing) => {
      const value = isMissing(name) ? missing : json[name];
      return typeof value === 'string' ? value : refuse(said(name), 'a string');
    },
    refuse,
  };
}

/** A value as JSON, cut short: a hostile one is not to fill a terminal. */
function shown(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
