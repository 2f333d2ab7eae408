/** One secure round in process, without training: what is opened, what is not, and how much is held at a time. */
import { readSecureSum } from '@tributary/coordinator/round';
import { createIdentity, hexToBytes, maskVector, seededResearchRandom } from '@tributary/privacy';
import { checkTaskDocument, payloadSections, type RoundDescriptorFields, roundHash } from '@tributary/protocol';
import { describe, expect, it } from 'vitest';
import { type LostBefore, lossPhases } from './attendance.ts';
import { descriptorOf } from './descriptor.ts';
import { securePopulation } from './secure-population.ts';
import { runSecureProtocol } from './secure-protocol.ts';

const length = 50;
const concurrency = 3;
const population = 'readers';

function roundOf(devices: number, minimum: number, secure: object = {}) {
  const check = checkTaskDocument({
    version: 1,
    task: 'films',
    population,
    model: { kind: 'implicit-als', dimension: 4 },
    rounds: 1,
    cohort: { target: devices, minimum, overSelection: 1 },
    privacy: { plan: 'secure', clipNorm: 5, secure },
    optimizer: { kind: 'fedavg', learningRate: 0.5 },
  });
  if (!check.ok) throw new Error(check.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  const { task } = check;
  const people = securePopulation(population, devices, 1);
  const sections = payloadSections(length, task.evaluation.federated);
  const hash = '0'.repeat(64);
  const version = { model: hash, recommender: { layout: { hash }, contributionLayout: { hash } } };
  const descriptor = descriptorOf(task, sections, 1, version, people.log);
  return { people, descriptor };
}

/** Any integers of the widths of the round: the sum is modular, whatever they stand for. */
function integersOf(user: number, { sections, secure }: RoundDescriptorFields): Uint32Array[] {
  const random = seededResearchRandom(user, 7);
  return [
    { count: sections.contribution, bits: secure?.bits ?? 0 },
    { count: sections.evaluation + 1, bits: secure?.metricsBits ?? 0 },
  ].map(({ count, bits }) => new Uint32Array(random.bytes(4 * count).buffer).map((value) => value >>> (32 - bits)));
}

async function play(
  devices: number,
  minimum: number,
  lostBefore: ReadonlyMap<number, LostBefore>,
  secure: object = {},
) {
  const { people, descriptor } = roundOf(devices, minimum, secure);
  const random = seededResearchRandom(2);
  let [inFlight, mostInFlight] = [0, 0];
  const masked: number[] = [];
  const outcome = await runSecureProtocol({
    descriptor,
    population,
    people,
    coordinator: createIdentity(random),
    attendance: { users: Uint32Array.from({ length: devices }, (_, user) => user), lostBefore },
    random,
    async mask(user, masks) {
      inFlight += 1;
      mostInFlight = Math.max(mostInFlight, inFlight);
      masked.push(user);
      // They finish in another order than they began.
      for (let turn = 0; turn < 1 + (user % 4); turn++) await Promise.resolve();
      const values = integersOf(user, descriptor);
      const widths = [descriptor.secure?.bits ?? 0, descriptor.secure?.metricsBits ?? 0];
      const shape = values.map((section, i) => ({ length: section.length, bits: widths[i] }));
      inFlight -= 1;
      return { vector: maskVector(values, shape, masks), lossSum: 1 / (user + 1), clipped: user % 2 };
    },
    concurrency,
    onProgress: () => undefined,
  });
  return { outcome, descriptor, masked: masked.sort((a, b) => a - b), mostInFlight };
}

/** What the coordinator reads of the plain sum of these devices' integers. */
function plainly(users: readonly number[], descriptor: RoundDescriptorFields) {
  const sums = users
    .map((user) => integersOf(user, descriptor))
    .reduce((total, values) => total.map((section, s) => section.map((value, i) => value + values[s][i])));
  return readSecureSum(sums, descriptor, hexToBytes(roundHash(descriptor)));
}

const without = (devices: number, lost: readonly number[]) =>
  Array.from({ length: devices }, (_, user) => user).filter((user) => !lost.includes(user));

describe('a secure round of a simulation', () => {
  it('opens the sum of those that uploaded, with a device lost in every phase', async () => {
    const lostBefore = new Map(lossPhases.map((phase, index) => [3 * index + 1, phase]));
    const { outcome, descriptor, masked, mostInFlight } = await play(40, 30, lostBefore);
    if (outcome.kind !== 'masked') throw new Error(outcome.reason);
    // Lost before keys, neighbours, shares and upload; the last two are in the sum, and only missed afterwards.
    const uploaded = without(40, [1, 4, 7, 10]);
    expect(masked).toEqual(uploaded);
    expect(outcome).toMatchObject({ contributions: 36, roster: 39, neighbours: 38, clipped: 18 });
    expect(await outcome.open(null)).toEqual(plainly(uploaded, descriptor));
    expect(mostInFlight).toBe(concurrency);
  });

  it('opens it over a graph of drawn neighbours too', async () => {
    const lostBefore = new Map(lossPhases.map((phase, index) => [30 * index + 5, phase]));
    const { outcome, descriptor } = await play(210, 205, lostBefore, { corrupt: 0.01, dropout: 0.03 });
    if (outcome.kind !== 'masked') throw new Error(outcome.reason);
    expect(outcome.neighbours).toBeLessThan(105);
    expect(outcome.roster).toBe(209);
    expect(await outcome.open(null)).toEqual(plainly(without(210, [5, 35, 65, 95]), descriptor));
  });

  it('adds losses up in the order of users, whoever finishes first', async () => {
    const { outcome } = await play(24, 20, new Map());
    if (outcome.kind !== 'masked') throw new Error(outcome.reason);
    const parts = [0, 8, 16].map((from) => {
      let part = 0;
      for (let user = from; user < from + 8; user++) part += 1 / (user + 1);
      return part;
    });
    expect(outcome.lossSum).toBe(parts[0] + parts[1] + parts[2]);
  });

  it.each(lossPhases)('is abandoned when too many are lost before: %s', async (phase) => {
    const lostBefore = new Map(Array.from({ length: 16 }, (_, user) => [user, phase] as const));
    const { outcome } = await play(36, 24, lostBefore);
    expect(outcome.kind).toBe('abandoned');
    if (outcome.kind === 'abandoned') expect(outcome.reason).toMatch(/needed|needs|at least/);
  });
});
