/**
 * `pnpm bench [filter…] [--json] [--write]`: runs packages/X/bench/*.ts whose path holds one of the filters (all without any),
 * one after the other, each in a process of its own.
 *
 * --json   the last line on stdout is [{"name","ratio","target","ok","detail"}, …]
 * --write  replaces the measured sections of docs/benchmarks.md: `secagg`, `dp-` and `engines` with the benchmarks whose path holds that
 *          word, the one without a name with all others. With the name of a section as the only filter, that one alone.
 *
 * Exit code 1 when a target is missed or a benchmark fails, 2 for a wrong command line.
 */
import { fork } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { BenchRow } from './bench-row.ts';
import { markdownTable, replaceMeasured, textTable } from './table.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

function benchFiles(filters: readonly string[]): readonly string[] {
  const packages = join(root, 'packages');
  return readdirSync(packages)
    .map((name) => join(packages, name, 'bench'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
    .filter((file) => /(?<!\.test|\.d)\.ts$/.test(file))
    .map((file) => relative(root, file))
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
    .sort();
}

function runFile(file: string): Promise<readonly BenchRow[]> {
  return new Promise((resolve) => {
    let rows: readonly BenchRow[] | null = null;
    const child = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), [join(root, file)], {
      cwd: root,
      execArgv: ['--import', import.meta.resolve('tsx'), '--conditions=source', '--expose-gc'],
      // What a benchmark prints is for people; stdout is for the result.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    child.on('message', (message) => {
      rows = message as readonly BenchRow[];
    });
    child.on('exit', (code, signal) => {
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      resolve(
        rows ?? [
          { name: file, ratio: null, target: 'runs', ok: false, detail: `failed with ${how}; see above for why` },
        ],
      );
    });
  });
}

function machine(): string {
  const processors = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${processors.length} x ${processors[0]?.model.trim() || process.arch}, ${memory}, Node ${process.version}, ${process.platform}`;
}

/** Measured sections of docs/benchmarks.md; '' is the one without a name, for benchmarks that belong to none of the others. */
const sections: readonly string[] = ['secagg', 'dp-', 'engines', ''];

/** Which sections a run writes. @throws TypeError where the filters would leave one half filled */
function sectionsFor(filters: readonly string[]): readonly string[] {
  if (filters.length === 0) return sections;
  if (filters.length === 1 && sections.includes(filters[0])) return filters;
  throw new TypeError('--write replaces whole measured sections: give it no filter, or the name of a section.');
}

function sectionOf(file: string): string {
  return sections.find((section) => section !== '' && file.includes(section)) ?? '';
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean' }, write: { type: 'boolean' } },
    allowPositionals: true,
  });
  const files = benchFiles(positionals);
  if (files.length === 0) throw new TypeError(`No benchmark's path holds ${positionals.join(' or ')}.`);
  const written = values.write ? sectionsFor(positionals) : [];
  const measured = new Map<string, readonly BenchRow[]>();
  for (const file of files) {
    process.stderr.write(`${file}\n`);
    measured.set(file, await runFile(file));
  }
  const rows = [...measured.values()].flat();
  console.log(textTable(rows));
  const path = join(root, 'docs', 'benchmarks.md');
  const date = new Date().toISOString().slice(0, 10);
  for (const section of written) {
    const own = [...measured].filter(([file]) => sectionOf(file) === section).flatMap(([, of]) => of);
    const command = `npx -y pnpm@10 bench ${[...positionals, '--write'].join(' ')}`;
    const content = `\nMeasured ${date} on ${machine()}, by \`${command}\`.\n\n${markdownTable(own)}\n`;
    await writeFile(path, replaceMeasured(await readFile(path, 'utf8'), content, section));
  }
  if (values.json) console.log(JSON.stringify(rows));
  process.exitCode = rows.some(({ ok }) => ok === false) ? 1 : 0;
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
