/** Lints the published shape of every package (publint) and the engines of every direct dependency against our floor. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { enginesProblems } from './engines.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
let problems = 0;
for (const name of readdirSync(join(root, 'packages'))) {
  const folder = join(root, 'packages', name);
  if (!existsSync(join(folder, 'package.json'))) continue;
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { messages } = await publint({ pkgDir: folder, pack: 'pnpm', strict: true });
  for (const message of messages) {
    problems += 1;
    console.error(`${manifest.name}: ${formatMessage(message, manifest)}`);
  }
}
for (const problem of enginesProblems(root)) {
  problems += 1;
  console.error(problem);
}
if (problems > 0) process.exit(1);
console.log('Packages are well formed.');
