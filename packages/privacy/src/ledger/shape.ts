/** The shape of a ledger entry that was read from an export: exactly the fields of its kind, each in its one way of writing. */

/** What a field must be, in words, and whether a value is it. */
interface Field {
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
}
type Fields = { readonly [name: string]: Field | Fields };

const field = (expected: string, holds: (value: unknown) => boolean): Field => ({ expected, holds });
const matching = (expected: string, pattern: RegExp) =>
  field(expected, (value) => typeof value === 'string' && pattern.test(value));
const number = (expected: string, holds: (value: number) => boolean) =>
  field(expected, (value) => typeof value === 'number' && Number.isFinite(value) && holds(value));

const hash = matching('64 lower-case hex digits', /^[0-9a-f]{64}$/);
// UTF-8 has no encoding for half a surrogate pair, so it would not be under the hash.
const text = field('text', (value) => typeof value === 'string' && !/\p{Surrogate}/u.test(value));
const exactly = (word: string) => field(`"${word}"`, (value) => value === word);
const count = number('a whole number, at least 0', (value) => Number.isSafeInteger(value) && value >= 0);
const amount = number('a number, at least 0', (value) => value >= 0);
const positive = number('a positive number', (value) => value > 0);

const subject: Fields = { task: text, round: count, modelVersion: hash, roundHash: hash };

const countFromOne = number('a whole number, at least 1', (value) => Number.isSafeInteger(value) && value >= 1);

const samplings: { readonly [claim: string]: Fields } = {
  none: { claim: exactly('none') },
  poisson: { claim: exactly('poisson'), rate: number('above 0, at most 1', (value) => value > 0 && value <= 1) },
  'fixed-size': { claim: exactly('fixed-size'), population: countFromOne, cohort: countFromOne },
};

const mechanisms: { readonly [mechanism: string]: Fields } = {
  'discrete-gaussian': { noiseMultiplier: positive },
  'distributed-discrete-gaussian': {
    sensitivity: positive,
    localStandardDeviation: positive,
    noises: countFromOne,
    dimension: countFromOne,
  },
  skellam: { sensitivity: positive, sensitivityL1: positive, variance: positive },
  tree: { noiseMultiplier: positive, firstLeaf: countFromOne },
};

const participationCap: Fields = { task: text, most: countFromOne };

const mechanismName = field(
  `"gaussian", ${Object.keys(mechanisms)
    .map((name) => `"${name}"`)
    .join(', ')}`,
  (value) => value === 'gaussian' || isKeyOf(mechanisms, value),
);

function eventFields(event: unknown): Fields {
  const { mechanism, sampling }: Readonly<Record<string, unknown>> = isRecord(event) ? event : {};
  const own = isKeyOf(mechanisms, mechanism) ? mechanisms[mechanism] : gaussianFields(sampling);
  const cap = isRecord(event) && 'participation' in event ? { participation: participationCap } : {};
  return { mechanism: mechanismName, ...own, steps: countFromOne, ...(mechanism === 'tree' ? {} : cap) };
}

function gaussianFields(sampling: unknown): Fields {
  const claim = isRecord(sampling) ? sampling['claim'] : null;
  return { noiseMultiplier: positive, sampling: samplings[isKeyOf(samplings, claim) ? claim : 'none'] };
}

function isKeyOf(of: object, name: unknown): name is string {
  return typeof name === 'string' && Object.hasOwn(of, name);
}

const chargeFields = (event: unknown): Fields => ({
  subject,
  event: eventFields(event),
  sensitivity: positive,
  roundedCount: number('a multiple of ten', (value) => value >= 0 && value % 10 === 0),
  minimumCount: count,
  epsilonBefore: amount,
  epsilonAfter: amount,
});

function bodyFields(body: Readonly<Record<string, unknown>>): Fields | null {
  const kind = { kind: text };
  switch (body['kind']) {
    case 'open':
      return {
        ...kind,
        budget: positive,
        delta: number('above 0, below 1', (value) => value > 0 && value < 1),
        accountant: field('"rdp" or "pld"', (value) => value === 'rdp' || value === 'pld'),
        relation: field('"add-remove" or "replace"', (value) => value === 'add-remove' || value === 'replace'),
      };
    case 'charge':
    case 'refused':
      return { ...kind, ...chargeFields(body['event']) };
    case 'released':
      return { ...kind, subject, published: hash };
    case 'abandoned':
      return { ...kind, subject, reason: text };
    case 'close':
      return { ...kind, reason: text };
    default:
      return null;
  }
}

/** What is wrong with the shape, as the end of a sentence about the entry; null when nothing is. Never throws. */
export function entryShapeProblem(entry: unknown): string | null {
  if (!isRecord(entry)) return 'is no entry';
  const body = entry['body'];
  const known = isRecord(body) ? bodyFields(body) : null;
  if (known === null) return 'is of a kind that is not known here';
  return problemOf(
    entry,
    {
      population: text,
      seq: count,
      time: count,
      previous: field('null or 64 lower-case hex digits', (value) => value === null || hash.holds(value)),
      body: known,
      hash,
      signature: matching('128 lower-case hex digits', /^[0-9a-f]{128}$/),
    },
    '',
  );
}

function problemOf(value: unknown, fields: Fields, path: string): string | null {
  if (!isRecord(value)) return `has no fields at '${path}'`;
  const surplus = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
  if (surplus !== undefined) return `has a field that does not belong${path && ` in '${path}'`}`;
  for (const [name, expected] of Object.entries(fields)) {
    const at = path ? `${path}.${name}` : name;
    const inner = Object.hasOwn(value, name) ? value[name] : undefined;
    if (!isField(expected)) {
      const problem = problemOf(inner, expected, at);
      if (problem !== null) return problem;
    } else if (!expected.holds(inner)) return `has a wrong '${at}'; expected ${expected.expected}`;
  }
  return null;
}

function isField(value: Field | Fields): value is Field {
  return typeof value['holds'] === 'function';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
