/**
 * Lints the published shape of every package (publint), resolves its types as other projects do (are-the-types-wrong), both from the
 * packed tarball, and holds the engines of every direct dependency against our floor.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { enginesProblems } from './engines.ts';
import { publishedTypesProblems } from './published-types.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const packed = mkdtempSync(join(tmpdir(), 'tributary-packed-'));
process.on('exit', () => rmSync(packed, { recursive: true, force: true }));

function pack(folder: string): Uint8Array<ArrayBuffer> {
  const out = execFileSync('pnpm', ['pack', '--json', '--pack-destination', packed], { cwd: folder, encoding: 'utf8' });
  const { filename } = JSON.parse(out.slice(out.indexOf('{')));
  return new Uint8Array(readFileSync(filename));
}

let problems = 0;
for (const name of readdirSync(join(root, 'packages'))) {
  const folder = join(root, 'packages', name);
  if (!existsSync(join(folder, 'package.json'))) continue;
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const tarball = pack(folder);
  const { messages } = await publint({ pack: { tarball: tarball.buffer }, strict: true });
  for (const message of messages) {
    problems += 1;
    console.error(`${manifest.name}: ${formatMessage(message, manifest)}`);
  }
  for (const problem of await publishedTypesProblems(tarball)) {
    problems += 1;
    console.error(`${manifest.name}: ${problem}`);
  }
}
for (const problem of enginesProblems(root)) {
  problems += 1;
  console.error(problem);
}
if (problems > 0) process.exit(1);
console.log('Packages are well formed.');
