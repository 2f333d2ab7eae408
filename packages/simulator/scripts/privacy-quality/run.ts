/**
 * What privacy costs in quality on MovieLens-1M (6,040 people, the split of He et al.): user-level epsilon by who adds the noise, by
 * clip norm and by prior, each cell simulated by the product's own training, encoding, noise, ledger and step. Noise of devices is
 * theirs: drawn by each, added to its integers and summed, without the masks, which would not change the sum.
 *
 *   npx tsx --conditions=source packages/simulator/scripts/privacy-quality/run.ts --data ../shared/data/movielens-1m --epsilon 8 --placement central --seeds 3
 *   npx tsx --conditions=source packages/simulator/scripts/privacy-quality/run.ts --write
 *
 * A central cell with a fixed clip norm takes ten seconds of CPU a seed; one of integers two to four minutes. Runs are appended to
 * results.jsonl beside this file, and what is there already is not run again.
 *
 * --epsilon, --placement, --clip, --prior  narrow the cells down; several between commas; "none" is an epsilon
 * --seeds    how many seeds, from 1
 * --on       validation, by which everything is chosen, or test (default)
 * --write    the table and the plot of docs/benchmarks.md, of what has been measured
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { loadDataset, loadNcfSplit } from '@tributary/model/data';
import { simulate } from '@tributary/simulator';
import { replaceMeasured } from '../../../../bench/table.ts';
import { allCells, type Cell, taskOf } from './cells.ts';
import { qualityPlot } from './plot.ts';
import { addRun, type Run, readRuns, sameCell } from './results.ts';
import { qualityTable } from './table.ts';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data/movielens-1m' },
    epsilon: { type: 'string' },
    placement: { type: 'string' },
    clip: { type: 'string' },
    prior: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    on: { type: 'string', default: 'test' },
    write: { type: 'boolean', default: false },
  },
});

const document = new URL('../../../../docs/benchmarks.md', import.meta.url);
const image = new URL('../../../../docs/images/privacy-quality.svg', import.meta.url);

if (options.write) await write();
else await measure();

async function measure(): Promise<void> {
  const on = options.on === 'validation' ? 'validation' : 'test';
  const dataset = await loadDataset(options.data);
  const split = await loadNcfSplit(options.data, { purpose: on, seed: 1 });
  const done = await readRuns();
  for (const cell of allCells().filter(asked)) {
    for (let seed = 1; seed <= Number(options.seeds); seed++) {
      if (done.some((run) => run.seed === seed && run.on === on && sameCell(run, cell))) continue;
      const task = taskOf(cell);
      const result = await simulate({
        task,
        dataset,
        split,
        seed,
        evaluateOn: on,
        evaluateEvery: 0,
        centralTwin: false,
        cryptography: false,
        workers: 2,
      });
      const { sampled, full } = result.quality.federated;
      const charges = result.ledger.flatMap(({ body }) => (body.kind === 'charge' ? [body] : []));
      const secureRounds = result.rounds.flatMap(({ secure }) => secure ?? []);
      const run: Run = {
        ...cell,
        seed,
        on,
        sampled: [sampled['hr@10'], sampled['ndcg@10']],
        full: [full['hr@10'], full['ndcg@10']],
        spent: result.privacy.epsilon,
        clipNorms: charges.map(({ sensitivity }) => sensitivity),
        clipped: result.rounds.map(({ clipped }) => clipped ?? 0),
        fill: secureRounds.length > 0 ? Math.max(...secureRounds.map(({ fill }) => fill)) : null,
        rounds: result.rounds.length,
      };
      if (result.stopped !== null) throw new Error(result.stopped);
      console.error(JSON.stringify({ ...run, seconds: Math.round(result.seconds) }));
      await addRun(run);
    }
  }
}

function asked(cell: Cell): boolean {
  const names = { ...cell, epsilon: String(cell.epsilon ?? 'none') };
  return (['epsilon', 'placement', 'clip', 'prior'] as const).every(
    (field) => options[field] === undefined || options[field].split(',').includes(names[field]),
  );
}

async function write(): Promise<void> {
  const runs = (await readRuns()).filter(({ on }) => on === 'test');
  const content = ['', qualityTable(runs), ''].join('\n');
  await writeFile(image, qualityPlot(runs));
  await writeFile(document, replaceMeasured(await readFile(document, 'utf8'), content, 'privacy-quality'));
  console.log(content);
}
