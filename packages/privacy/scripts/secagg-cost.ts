/**
 * How the cost of a secure round grows with devices and parameters, from counted operations at the unit costs of this machine, as the
 * table and the plot of docs/benchmarks.md:
 *
 *   npx tsx --conditions=source packages/privacy/scripts/secagg-cost.ts
 */
import { writeFile } from 'node:fs/promises';
import {
  agree,
  agreementKeysOf,
  createIdentity,
  createModularAccumulator,
  graphForRange,
  graphOf,
  hkdf,
  sign,
  systemRandom,
  verify,
} from '../src/index.ts';
import { combineShares, dealShares } from '../src/secagg/shamir/index.ts';

const bits = 20;
const seed = systemRandom.bytes(32);

/** CPU seconds of one run, the median of five series. */
function unit(repeats: number, work: () => void): number {
  work();
  const series = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    for (let i = 0; i < repeats; i++) work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6 / repeats;
  });
  return series.sort((a, b) => a - b)[2];
}

const accumulator = createModularAccumulator({ length: 1_000_000, bits, section: 0 });
const packed = accumulator.packed();
const keys = agreementKeysOf(seed);
const identity = createIdentity(systemRandom);
const signature = sign(seed, identity.secretKey);
const units = {
  /** Per coordinate. */
  mask: unit(10, () => accumulator.addMask(seed, 1)) / 1e6,
  add: unit(10, () => accumulator.addPacked(packed)) / 1e6,
  agree: unit(200, () => void agree(keys.secretKey, keys.publicKey)),
  derive: unit(500, () => void hkdf(seed, seed, seed)),
  verify: unit(200, () => void verify(signature, seed, identity.publicKey)),
};

interface Cost {
  readonly n: number;
  readonly d: number;
  readonly neighbours: number;
  /** CPU seconds of one device, and of the coordinator. */
  readonly device: number;
  readonly server: number;
}

/** A round of n devices, a twentieth of them lost after shares were dealt. */
function costOf(n: number, d: number): Cost {
  const plan = graphForRange(Math.ceil(0.9 * n), n, { corrupt: 0.05, dropout: 0.1 });
  if (plan.graph === 'infeasible') throw new Error(plan.explanation);
  const given = plan.graph === 'full' ? { degree: 0, threshold: 0 } : plan;
  const { full, degree: k, threshold: t } = graphOf({ ...given, corrupt: 500, dropout: 1000 }, n);
  const m = full ? n - 1 : 2 * k - k ** 2 / (n - 1);
  const dealt = dealShares(seed, t, k, systemRandom).map((value, i) => ({ x: i + 1, value }));
  const deal = unit(2, () => void dealShares(seed, t, k, systemRandom));
  const combine = unit(2, () => void combineShares(dealt.slice(0, t)));
  const lost = Math.floor(n / 20);
  const uploads = n - lost;
  const device =
    (m + 1) * d * units.mask +
    2 * m * (units.agree + units.derive) +
    2 * deal +
    (m + 2 * k + (full ? 0 : k)) * units.verify;
  const seeds = uploads + lost * m * (uploads / n);
  const server =
    seeds * d * units.mask +
    uploads * d * units.add +
    n * (combine + 4 * units.verify) +
    lost * m * (uploads / n) * (units.agree + units.derive);
  return { n, d, neighbours: Math.round(m), device, server };
}

const sizes = [50, 100, 200, 500, 1000, 2000, 5000, 10_000];
const lengths = [1e4, 1e5, 1e6, 1e7];
const grid = lengths.map((d) => sizes.map((n) => costOf(n, d)));

const shown = (seconds: number) =>
  seconds < 1 ? `${(1000 * seconds).toFixed(seconds < 0.1 ? 1 : 0)} ms` : `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
console.log('| devices | mask neighbours | one device: d = 10^4, 10^5, 10^6, 10^7 | coordinator: the same |');
console.log('| --- | --- | --- | --- |');
sizes.forEach((n, i) => {
  const column = (of: 'device' | 'server') => grid.map((row) => shown(row[i][of])).join(', ');
  console.log(`| ${n.toLocaleString('en')} | ${grid[0][i].neighbours} | ${column('device')} | ${column('server')} |`);
});
console.error(JSON.stringify(units));

/** Both axes logarithmic. */
function plot(): string {
  const [width, height, left, bottom] = [720, 420, 70, 50];
  const x = (n: number) => left + ((Math.log10(n) - Math.log10(50)) / (4 - Math.log10(50))) * (width - left - 120);
  const [low, high] = [-3, 5];
  const y = (seconds: number) =>
    height - bottom - ((Math.log10(seconds) - low) / (high - low)) * (height - bottom - 20);
  const colours = ['#1b7f79', '#2f6fb0', '#b5541c', '#7a3b8f'];
  const line = (costs: readonly Cost[], of: 'device' | 'server') =>
    costs.map((cost, i) => `${i === 0 ? 'M' : 'L'}${x(cost.n).toFixed(1)},${y(cost[of]).toFixed(1)}`).join('');
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    '<title>CPU seconds of a secure round by devices, for 10^4 to 10^7 parameters</title>',
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...ticks.map(
      (power) =>
        `<path d="M${left},${y(10 ** power)}H${width - 120}" stroke="#ddd"/><text x="${left - 8}" y="${y(10 ** power) + 4}" text-anchor="end">10<tspan dy="-4" font-size="9">${power}</tspan></text>`,
    ),
    ...sizes.map(
      (n) => `<text x="${x(n)}" y="${height - bottom + 18}" text-anchor="middle">${n.toLocaleString('en')}</text>`,
    ),
    `<text x="${(width - 50) / 2}" y="${height - 10}" text-anchor="middle">devices</text>`,
    `<text transform="translate(16,${height / 2}) rotate(-90)" text-anchor="middle">CPU seconds a round</text>`,
    ...grid.flatMap((costs, i) => [
      `<path d="${line(costs, 'server')}" fill="none" stroke="${colours[i]}" stroke-width="2"/>`,
      `<path d="${line(costs, 'device')}" fill="none" stroke="${colours[i]}" stroke-width="2" stroke-dasharray="5 4"/>`,
      `<text x="${width - 115}" y="${y(costs[costs.length - 1].server) + 4}" fill="${colours[i]}">10^${Math.log10(lengths[i])} parameters</text>`,
    ]),
    `<text x="${left + 10}" y="30">solid: coordinator; dashed: one device</text>`,
    '</svg>',
    '',
  ].join('\n');
}
await writeFile(new URL('../../../docs/secagg-cost.svg', import.meta.url), plot());
