/**
 * The public surface of every published package against its reports in docs/api: `pnpm api:check` fails with what has changed,
 * `pnpm api:update` writes it. Reads the declaration files that `tsc -b` has built, as an app's compiler does.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clientGroups, clientReferenceHead } from './api-report/client-reference.ts';
import { changesOf } from './api-report/compare.ts';
import { readPublishedPackages } from './api-report/entries.ts';
import { formatDeclarations } from './api-report/format-declarations.ts';
import { type Block, renderPages } from './api-report/pages.ts';
import { reference } from './api-report/reference.ts';
import { declarationProgram } from './api-report/surface.ts';
import { textReports } from './api-report/text-report.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const folder = join(root, 'docs', 'api');

const packages = readPublishedPackages(root);
const program = declarationProgram(
  packages.flatMap(({ entries }) => entries.flatMap(({ types }) => (types === null ? [] : [types]))),
);
const pages = new Map<string, readonly Block[]>();
for (const each of packages) {
  for (const [file, blocks] of textReports(program, each)) pages.set(file, blocks);
  if (each.name === '@tributary/client') {
    pages.set('client.md', reference(program, each, clientGroups, clientReferenceHead));
  }
}
const made = renderPages(pages, (texts) => formatDeclarations(texts, root));

mkdirSync(folder, { recursive: true });
const kept = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
if (process.argv.includes('--update')) {
  for (const file of kept.keys()) if (!made.has(file)) rmSync(join(folder, file));
  for (const [file, text] of made) writeFileSync(join(folder, file), text);
  console.log(`docs/api holds the surface of ${packages.length} packages in ${made.size} files.`);
} else {
  const changes = changesOf(kept, made);
  for (const change of changes) console.error(change);
  if (changes.length > 0) {
    console.error(
      'The public surface, or what its docstrings say, is not what docs/api holds. If that is meant, run `pnpm api:update`, read the ' +
        'difference and commit it.',
    );
    process.exit(1);
  }
  console.log('The public surface is the one in docs/api.');
}
