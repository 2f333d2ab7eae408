/**
 * The folder in which a demo leaves its store. An earlier demo's store is replaced; anything else is left alone: a folder
 * without the demo's mark, and one in which something lies that no demo put there.
 */
import { lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore, StoreError } from '@tributary/coordinator';
import { CommandError } from '../exit/command-error.ts';

/** The file that marks a folder as a demo's. Written first, removed last. */
export const demoMark = 'tributary-demo.json';

/** What a demo, or a coordinator on its store, makes in the folder. */
const ownName = /^(store\.sqlite(-wal|-shm|-journal)?|coordinator\.key(\.[0-9a-f]+\.draft)?|admin-token)$/;

/**
 * Makes the folder, empty but for the mark.
 * @throws CommandError `store` where the folder is not a demo's.
 */
export async function prepareDemoFolder(folder: string): Promise<void> {
  const found = await lstat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (found === null) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } else if (!found.isDirectory()) {
    throw refusal(`${folder} is not a folder (a link does not count as one)`);
  } else {
    const names = await readdir(folder);
    if (names.length > 0 && !names.includes(demoMark)) throw refusal(`${folder} is not empty and no demo made it`);
    const foreign = names.filter((name) => name !== demoMark && !ownName.test(name)).sort();
    if (foreign.length > 0) {
      throw refusal(
        `${folder} holds what no demo made: ${foreign.slice(0, 3).join(', ')}${foreign.length > 3 ? ', …' : ''}`,
      );
    }
    if (names.length > 0) await refuseOpenStore(folder);
    for (const name of names) if (name !== demoMark) await rm(join(folder, name), { recursive: true });
  }
  await writeFile(join(folder, demoMark), `${JSON.stringify({ madeBy: 'tributary demo' })}\n`);
}

/** A store that a coordinator serves is not taken from under it; a damaged one may go. */
async function refuseOpenStore(folder: string): Promise<void> {
  try {
    await (await openStore(folder, { create: false })).close();
  } catch (error) {
    if (error instanceof StoreError && error.code === 'locked') throw error;
  }
}

function refusal(problem: string): CommandError {
  return new CommandError('store', `The demo will not replace this folder: ${problem}.`, {
    advice: 'Name another folder by --store, or move away what lies there.',
  });
}
