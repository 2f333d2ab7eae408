/** Checks a task document and the catalogue that it names. */
import type { Output } from '../output/output.ts';
import { taskWarnings } from '../privacy/task-warnings.ts';
import { readCatalogueFile } from './catalogue-file.ts';
import { readTaskFile } from './task-file.ts';

/** @throws CommandError `input` with every problem */
export async function runTaskCheck(file: string, output: Output): Promise<void> {
  const { task, cataloguePath } = await readTaskFile(file);
  const items = cataloguePath === null ? null : (await readCatalogueFile(cataloguePath)).length;
  const catalogue = items === null ? 'no catalogue: for simulations only' : `${items} items`;
  output.result(`${file} is right: task ${task.task}, ${task.model.kind}, ${task.rounds} rounds, ${catalogue}`);
  const warnings = taskWarnings(task);
  for (const warning of warnings) output.note(`warning: ${warning}`);
  output.data({ ok: true, task, items, warnings });
}
