/** The versions of a task's model, in a store that no coordinator has open. */
import { readFile, stat } from 'node:fs/promises';
import {
  exportVersion,
  importVersion,
  listVersions,
  loadCoordinatorIdentity,
  rollbackVersion,
} from '@tributary/coordinator';
import { systemRandom } from '@tributary/privacy';
import type { ModelPlace } from '../commands/model.ts';
import { CommandError } from '../exit/command-error.ts';
import type { Output } from '../output/output.ts';
import { sizeText, textTable } from '../output/table.ts';
import { writeNewFile } from '../output/write-new-file.ts';
import { taskOf, withStore } from '../store/open-existing.ts';
import { shownVersion, shownVersionRecord } from '../store/shown-records.ts';

/** Largest file that is imported: the largest model that can be transferred, and its header. */
const maximumImportBytes = 1_073_741_824 + 1_048_576;

export async function runModelList({ store: folder, task }: ModelPlace, output: Output): Promise<void> {
  await withStore(folder, async (store) => {
    const { currentVersion } = await taskOf(store, task);
    const versions = (await listVersions(store, task)).toReversed().map(shownVersionRecord);
    output.result(
      textTable(
        ['', 'version', 'round', 'origin', 'made', 'epsilon', 'bytes'],
        versions.map(({ hash, round, origin, createdAt, epsilon, parameterBytes }) => [
          hash === currentVersion ? '*' : '',
          hash,
          String(round),
          origin,
          new Date(createdAt).toISOString(),
          epsilon === null ? 'no claim' : epsilon.toFixed(3),
          sizeText(parameterBytes),
        ]),
        [0, 1, 3, 4],
      ),
    );
    output.data({ task, current: currentVersion, versions });
  });
}

export async function runModelExport(
  file: string,
  { store: folder, task, version }: ModelPlace & { readonly version?: string },
  output: Output,
): Promise<void> {
  const bytes = await withStore(folder, async (store) => {
    const identity = await loadCoordinatorIdentity(folder, systemRandom);
    return exportVersion(store, task, version ?? 'current', identity.publicKey);
  });
  await writeNewFile(file, bytes);
  output.result(`wrote ${file}, ${sizeText(bytes.length)}`);
  output.data({ file, bytes: bytes.length });
}

export async function runModelImport(file: string, { store: folder, task }: ModelPlace, output: Output): Promise<void> {
  const found = await stat(file);
  if (!found.isFile() || found.size > maximumImportBytes) {
    throw new CommandError('input', `${file} is not a file of at most ${maximumImportBytes} bytes.`, {
      advice: 'Expected a safetensors file, such as `tributary model export` writes.',
    });
  }
  const bytes = await readFile(file);
  const version = await withStore(folder, async (store) => {
    const identity = await loadCoordinatorIdentity(folder, systemRandom);
    return importVersion(store, identity, task, bytes, Date.now);
  });
  output.result(`task ${task} serves version ${version.hash}, imported from ${file}`);
  output.data(shownVersion(version));
}

export async function runModelRollback(
  hash: string,
  { store: folder, task }: ModelPlace,
  output: Output,
): Promise<void> {
  const version = await withStore(folder, async (store) => {
    const identity = await loadCoordinatorIdentity(folder, systemRandom);
    return rollbackVersion(store, identity, task, hash, Date.now);
  });
  output.result(`task ${task} serves version ${version.hash}, with the parameters of ${hash}`);
  output.data(shownVersion(version));
}
