/**
 * How the cost of unmasking grows with parameters and devices, on every engine that is here: the rate of keystreams by size of the model
 * measured, the masks of a round counted (a twentieth of the devices lost after they dealt shares, 20 bits). Writes the section
 * `engines-cost` of docs/benchmarks.md and its plot. A minute or two:
 *
 *   npx tsx --conditions=source bench/engines-cost/run.ts
 */
import { readFile, writeFile } from 'node:fs/promises';
import { type AggregationEngine, openCpuEngine, openEngine } from '@tributary/coordinator/aggregation';
import { shownSeconds } from '../cpu-seconds.ts';
import { bits, planOf } from '../secagg-cost/plan.ts';
import { replaceMeasured } from '../table.ts';
import { keystreamBytes, keystreamRate } from './keystream-rate.ts';
import { type EngineRates, ratePlot } from './plot.ts';

const lengths = [1e3, 1e4, 1e5, 1e6, 1e7];
const sizes = [100, 1000, 10_000];
/** Keystream of one measurement; less where an engine is slow. */
const measuredBytes = 2e9;
const mostSeconds = 4;

const document = new URL('../../docs/benchmarks.md', import.meta.url);
const image = new URL('../../docs/images/engines-cost.svg', import.meta.url);

async function presentEngines(): Promise<readonly (readonly [string, AggregationEngine])[]> {
  const one = openCpuEngine({ threads: 0 });
  const all = openCpuEngine();
  const webgpu = await openEngine('webgpu').catch((error: Error) => {
    console.error(error.message);
    return null;
  });
  return [['cpu, one thread', one], ['cpu', all], ...(webgpu ? [['webgpu', webgpu] as const] : [])];
}

async function ratesOf(engine: AggregationEngine): Promise<readonly number[]> {
  const rates: number[] = [];
  for (const length of lengths) {
    const bytes = keystreamBytes({ length, bits, seeds: 1 });
    // A first look at how fast it is.
    const rough = await keystreamRate(engine, { length, bits, seeds: 8 }, 1);
    const within = Math.min(measuredBytes, rough * mostSeconds);
    const seeds = Math.max(8, Math.min(20_000, Math.round(within / bytes)));
    rates.push(await keystreamRate(engine, { length, bits, seeds }, 3));
  }
  return rates;
}

const engines = await presentEngines();
const measured: (EngineRates & { readonly device: string })[] = [];
for (const [name, engine] of engines) {
  measured.push({ name, device: engine.device, rates: await ratesOf(engine) });
  await engine.close();
}

/** Masks that are taken off: of those who uploaded their own, of those who were lost one for each neighbour who uploaded. */
function masksOf(n: number): number {
  const { neighbours, lost } = planOf(n);
  return n - lost + Math.round((lost * neighbours * (n - lost)) / n);
}

function table(): string {
  const header = [
    'engine',
    ...lengths.map((d) => `GB/s, d = ${d.toExponential(0)}`),
    ...sizes.map((n) => `n = ${n.toLocaleString('en')}, d = 10^6`),
  ];
  const million = lengths.indexOf(1e6);
  const rows = measured.map(({ name, rates }) => [
    name,
    ...rates.map((rate) => (rate / 1e9).toPrecision(3)),
    ...sizes.map((n) => shownSeconds((masksOf(n) * keystreamBytes({ length: 1e6, bits, seeds: 1 })) / rates[million])),
  ]);
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function crossover(): string {
  const all = measured.find(({ name }) => name === 'cpu');
  const gpu = measured.find(({ name }) => name === 'webgpu');
  if (!all || !gpu) return 'No device for `webgpu` was here.';
  const at = lengths.findIndex((_, i) => gpu.rates[i] > all.rates[i]);
  return at < 0
    ? 'The device of `webgpu` is slower than `cpu` at every size.'
    : `\`webgpu\` is faster than \`cpu\` from ${lengths[at].toExponential(0)} parameters on.`;
}

const devices = measured.map(({ name, device }) => `\`${name}\`: ${device}`).join('; ');
const content = `\nMeasured ${new Date().toISOString().slice(0, 10)}, Node ${process.version}. ${devices}.\n\n${table()}\n\n${crossover()}\n`;
await writeFile(image, ratePlot(lengths, measured));
await writeFile(document, replaceMeasured(await readFile(document, 'utf8'), content, 'engines-cost'));
console.log(content);
