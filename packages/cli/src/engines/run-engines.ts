/** Shows what can add up rounds on this machine. */
import { type ProbedEngine, probeEngines } from '@tributary/coordinator/aggregation';
import type { EnginesOptions } from '../commands/engines.ts';
import type { Output } from '../output/output.ts';
import { plainText, textTable } from '../output/table.ts';

/** An engine that is not there is a line of the list, not an error. */
export async function runEngines({ benchmark }: EnginesOptions, output: Output): Promise<void> {
  const engines = await probeEngines(benchmark ? {} : { benchmark: [] });
  output.result(enginesText(engines, benchmark));
  output.data(engines);
}

/** A table of all, and below it why some cannot be used. */
export function enginesText(engines: readonly ProbedEngine[], benchmark: boolean): string {
  const figures = benchmark ? ['keystream GB/s', 'packed GB/s', 'float GB/s'] : [];
  const table = textTable(
    ['engine', 'available', ...figures, 'device'],
    engines.map((engine) => [
      engine.name,
      engine.available ? 'yes' : 'no',
      ...(benchmark ? figureCells(engine) : []),
      plainText(engine.device ?? '–', 100),
    ]),
    [0, 1, figures.length + 2],
  );
  const reasons = engines.flatMap(({ name, reason }) =>
    reason === null ? [] : [`${name}: ${plainText(reason, 600)}`],
  );
  return [table, ...reasons].join('\n\n');
}

function figureCells({ benchmark }: ProbedEngine): string[] {
  const { keystream, packed, float } = benchmark ?? { keystream: null, packed: null, float: null };
  return [keystream, packed, float].map((speed) => (speed === null ? '–' : speed.toPrecision(3)));
}
