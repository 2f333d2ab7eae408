/** Parsers of option values: each refuses what it cannot use with a sentence that commander prints after the option's name. */
import { hexToBytes } from '@tributary/privacy/bytes';
import { InvalidArgumentError } from 'commander';

/** An integer in [minimum, maximum]. */
export function integerValue(minimum: number, maximum = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value) || value < minimum || value > maximum) {
      const range = maximum === Number.MAX_SAFE_INTEGER ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
      throw new InvalidArgumentError(`Expected an integer ${range}.`);
    }
    return value;
  };
}

/** A number above `above`, and below or at most as given; no rounding of what was typed: decimal or e-notation. */
export function numberValue(range: { readonly above: number; readonly below?: number; readonly most?: number }) {
  const { above, below = Number.POSITIVE_INFINITY, most = Number.MAX_VALUE } = range;
  const bound = range.below !== undefined ? ` and below ${below}` : range.most !== undefined ? `, at most ${most}` : '';
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !(value > above && value < below && value <= most)) {
      throw new InvalidArgumentError(`Expected a number above ${above}${bound}.`);
    }
    return value;
  };
}

/** A number of seconds in [minimum, maximum]. */
export function secondsValue(minimum: number, maximum: number) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || value < minimum || value > maximum) {
      throw new InvalidArgumentError(`Expected a number of seconds from ${minimum} to ${maximum}.`);
    }
    return value;
  };
}

/** An http(s) or ws(s) address, without a path, query or password. */
export function urlValue(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^(https?|wss?):$/.test(url.protocol) || url.username || url.password) {
    throw new InvalidArgumentError('Expected an address such as http://127.0.0.1:7300 without a user name.');
  }
  return text.replace(/\/+$/, '');
}

/** Items of a comma-separated list; none empty. */
export function listValue(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.some((part) => part === ''))
    throw new InvalidArgumentError('Expected ids separated by commas, e.g. 17,42,9.');
  return parts;
}

/** Collects a repeatable option. */
export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

/** The task ids of task documents: lower-case letters, digits and dashes. */
export function taskIdValue(text: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(text)) {
    throw new InvalidArgumentError('Expected a task id: 1 to 63 lower-case letters, digits and dashes.');
  }
  return text;
}

/** A SHA-256 in hex. */
export function hashValue(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('Expected a version: 64 hexadecimal digits.');
  return text;
}

/** An Ed25519 public key in hex. */
export function publicKeyValue(text: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('Expected a public key: 64 hexadecimal digits.');
  return hexToBytes(text);
}
