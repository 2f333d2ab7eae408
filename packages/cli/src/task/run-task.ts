/** Creates and lists tasks, in a store or at a running coordinator. */
import { createTask, loadCoordinatorIdentity, openStore } from '@tributary/coordinator';
import type { Item } from '@tributary/model';
import { systemRandom } from '@tributary/privacy';
import type { TaskDocument } from '@tributary/protocol';
import * as z from 'zod/mini';
import type { CommandContext } from '../commands/context.ts';
import type { TaskPlace } from '../commands/task.ts';
import { CommandError } from '../exit/command-error.ts';
import type { Output } from '../output/output.ts';
import { plainText, textTable } from '../output/table.ts';
import { taskWarnings } from '../privacy/task-warnings.ts';
import { adminTokenVariable } from '../serve/admin-token.ts';
import { withStore } from '../store/open-existing.ts';
import { shownTask } from '../store/shown-records.ts';
import { callCoordinator } from './admin-call.ts';
import { readCatalogueFile } from './catalogue-file.ts';
import { readTaskFile } from './task-file.ts';

/** A task document with its catalogue, both from files. @throws CommandError `input` */
export async function readTask(file: string): Promise<{ task: TaskDocument; catalogue: readonly Item[] }> {
  const { task, cataloguePath } = await readTaskFile(file);
  if (cataloguePath === null) {
    throw new CommandError('input', `${file} names no catalogue; expected \`catalogue: items.json\`.`, {
      advice: 'A task needs one to run; only simulations go without, since their data set has it.',
    });
  }
  return { task, catalogue: await readCatalogueFile(cataloguePath) };
}

export async function runTaskCreate(
  file: string,
  place: TaskPlace,
  output: Output,
  { env }: Pick<CommandContext, 'env'>,
): Promise<void> {
  const where = placeOf(place);
  const { task, catalogue } = await readTask(file);
  for (const warning of taskWarnings(task)) output.note(`warning: ${warning}`);
  if (where.kind === 'store') {
    const store = await openStore(where.folder);
    try {
      const identity = await loadCoordinatorIdentity(where.folder, systemRandom);
      await createTask({ store, identity, document: task, catalogue, now: Date.now });
    } finally {
      await store.close();
    }
  } else {
    const token = place.token ?? env[adminTokenVariable];
    if (token === undefined) {
      throw new CommandError('usage', 'Creating a task at a coordinator needs its admin token.', {
        advice: `Give it by ${adminTokenVariable}, or by --token.`,
      });
    }
    await callCoordinator({ url: where.url, path: '/tasks', body: { document: task, catalogue }, token });
  }
  output.result(`created task ${task.task} with ${catalogue.length} items`);
  output.data({ created: task.task, items: catalogue.length });
}

/** What the list shows; a coordinator tells more. */
const taskListSchema = z.object({
  tasks: z.array(
    z.object({
      id: z.string(),
      population: z.string(),
      status: z.string(),
      reason: z.string(),
      closedRounds: z.number(),
      rounds: z.number(),
      currentVersion: z.string(),
    }),
  ),
});

export async function runTaskList(
  place: TaskPlace,
  output: Output,
  { env }: Pick<CommandContext, 'env'>,
): Promise<void> {
  const where = placeOf(place);
  const answer =
    where.kind === 'store'
      ? await withStore(where.folder, async (store) => ({
          tasks: (await store.tasks()).map(shownTask),
        }))
      : await callCoordinator({ url: where.url, path: '/tasks', token: place.token ?? env[adminTokenVariable] });
  const parsed = taskListSchema.safeParse(answer);
  if (!parsed.success) {
    throw new CommandError('network', `What answered at ${place.url} is not a coordinator that this version knows.`, {
      advice: 'Check the --url, and that both are of one version.',
    });
  }
  const { tasks } = parsed.data;
  output.result(
    textTable(
      ['task', 'population', 'status', 'rounds', 'version', 'reason'],
      tasks.map(({ id, population, status, reason, closedRounds, rounds, currentVersion }) => [
        plainText(id, 63),
        plainText(population, 63),
        plainText(status, 20),
        `${closedRounds}/${rounds}`,
        plainText(currentVersion, 64).slice(0, 12),
        plainText(reason, 60),
      ]),
      [0, 1, 2, 4, 5],
    ),
  );
  output.data(parsed.data);
}

type Place = { readonly kind: 'store'; readonly folder: string } | { readonly kind: 'url'; readonly url: string };

/** @throws CommandError `usage` unless one of --store and --url is given */
function placeOf({ store, url }: TaskPlace): Place {
  if (store !== undefined && url === undefined) return { kind: 'store', folder: store };
  if (url !== undefined && store === undefined) return { kind: 'url', url };
  throw new CommandError('usage', 'Expected --store FOLDER or --url ADDRESS, one of the two.', {
    advice: 'A store that a coordinator has open is reached by the --url of that coordinator.',
  });
}
