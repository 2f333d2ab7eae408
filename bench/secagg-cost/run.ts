/**
 * How the cost of a secure round grows with devices and coordinates: rounds of 50 to 1,000 devices and 10,000 coordinates measured,
 * and all sizes counted, operation by operation, at the unit costs of this machine. Writes the section `secagg-cost` of
 * docs/benchmarks.md and its plot. Some minutes:
 *
 *   npx tsx --conditions=source bench/secagg-cost/run.ts
 */
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { shownSeconds } from '../cpu-seconds.ts';
import { replaceMeasured } from '../table.ts';
import { type Cost, countedCost } from './counted.ts';
import { type MeasuredRound, measureRound } from './measure.ts';
import { bits, planOf } from './plan.ts';
import { costPlot } from './plot.ts';
import { measureGraphUnits, measureUnits, type Units } from './units.ts';

const sizes = [50, 100, 200, 500, 1000, 2000, 5000, 10_000];
const mostMeasured = 1000;
const lengths = [1e4, 1e5, 1e6, 1e7];

const document = new URL('../../docs/benchmarks.md', import.meta.url);
const image = new URL('../../docs/images/secagg-cost.svg', import.meta.url);

const plans = sizes.map(planOf);
const units = measureUnits();
const graphUnits = plans.map(measureGraphUnits);
const counted = lengths.map((d) => plans.map((plan, i) => countedCost(plan, d, units, graphUnits[i])));

/** What the engine compiles in it is compiled. */
await measureRound(plans[0], lengths[0]);
const measured: MeasuredRound[] = [];
for (const plan of plans.filter(({ n }) => n <= mostMeasured)) {
  const round = await measureRound(plan, lengths[0]);
  if (!round.exact) throw new Error(`The opened sum of ${plan.n} devices is not the plain one.`);
  console.error(JSON.stringify(round));
  measured.push(round);
}

const content = ['', provenance(units), '', table(), '', ratios(), ''].join('\n');
await writeFile(image, costPlot(counted, measured));
await writeFile(document, replaceMeasured(await readFile(document, 'utf8'), content, 'secagg-cost'));
console.log(content);

function provenance(of: Units): string {
  const nanoseconds = (seconds: number) => `${(1e9 * seconds).toPrecision(2)} ns`;
  const microseconds = (seconds: number) => `${(1e6 * seconds).toPrecision(3)} µs`;
  const coordinates = `for each coordinate a mask ${nanoseconds(of.mask)}, encoding with packing and hashing ${nanoseconds(of.prepare)}, an upload hashed and added ${nanoseconds(of.add)}`;
  const others = `an agreement ${microseconds(of.agree)}, a derivation ${microseconds(of.derive)}, a verification ${microseconds(of.verify)}, a box sealed and opened ${microseconds(of.box)}`;
  return `Measured ${new Date().toISOString().slice(0, 10)} on one core of ${cpus()[0]?.model.trim()}, Node ${process.version}. Unit costs: ${coordinates}; ${others}.`;
}

function table(): string {
  const header = [
    'devices',
    'graph',
    'masks of a device',
    'device, d = 10^4: measured',
    'counted',
    '10^5',
    '10^6',
    '10^7',
    'coordinator, d = 10^4: measured',
    'counted',
    '10^5',
    '10^6',
    '10^7',
    'sent beside the vector',
  ];
  const rows = plans.map(({ n, graph, neighbours }, i) => {
    const round = measured.find((one) => one.n === n);
    const of = (which: 'device' | 'server') => [
      round ? shownSeconds(round[which]) : '–',
      ...counted.map((costs) => shownSeconds(costs[i][which])),
    ];
    const described = `${graph.full ? 'full' : `k = ${graph.degree}`}, t = ${graph.threshold}`;
    const beside = round ? `${Math.round((round.sent - (round.d * bits) / 8) / 100) / 10} kB` : '–';
    return [
      n.toLocaleString('en'),
      described,
      `${Math.round(neighbours) + 1}`,
      ...of('device'),
      ...of('server'),
      beside,
    ];
  });
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** How far the count is from what was measured. */
function ratios(): string {
  const of = (which: 'device' | 'server') =>
    measured.map((round) => {
      const cost = counted[0].find(({ n }) => n === round.n) as Cost;
      return (round[which] / cost[which]).toFixed(2);
    });
  return `Measured over counted, from ${sizes[0]} to ${mostMeasured.toLocaleString('en')} devices: device ${of('device').join(', ')}; coordinator ${of('server').join(', ')}.`;
}
