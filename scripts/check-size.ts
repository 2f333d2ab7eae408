/**
 * What a page loads of the SDK, minified and gzipped, against its budget: `pnpm size`. Bundled as an app would, chunks loaded on
 * demand apart; an import of Node or of TensorFlow.js in any of them fails too.
 */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const kilobyte = 1000;

interface Budget {
  readonly entry: string;
  /** Modules that are loaded on demand and counted too. */
  readonly with: readonly string[];
  readonly what: string;
  readonly kilobytes: number;
}

const budgets: readonly Budget[] = [
  {
    what: 'core: consent, events, storage',
    entry: 'packages/client/src/index.ts',
    with: [],
    kilobytes: 60,
  },
  {
    what: 'and recommendations from a stored model',
    entry: 'packages/client/src/index.ts',
    with: ['packages/client/src/session/model-source.ts', 'packages/client/src/session/item-texts.ts'],
    kilobytes: 100,
  },
  {
    what: 'and rounds: protocol, training, secure aggregation',
    entry: 'packages/client/src/index.ts',
    with: [
      'packages/client/src/session/model-source.ts',
      'packages/client/src/session/item-texts.ts',
      'packages/client/src/session/session.ts',
    ],
    kilobytes: 160,
  },
];

const { metafile, outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: [...new Set(budgets.map(({ entry }) => entry))],
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  conditions: ['source'],
  metafile: true,
  write: false,
  outdir: 'size',
  logLevel: 'silent',
}).catch((error: Error) => {
  // A Node import cannot be resolved for a browser: esbuild names the file.
  console.error(error.message);
  process.exit(1);
});

const compressed = new Map(
  outputFiles.map(({ path, contents }) => [basename(path), gzipSync(contents, { level: 9 }).length]),
);

/** The chunk of an entry or of a module that is loaded on demand, and all that it imports. */
function chunksOf(outputs: Metafile['outputs'], modules: readonly string[]): Set<string> {
  const chunks = new Set<string>();
  const add = (chunk: string) => {
    if (chunks.has(chunk) || !outputs[chunk]) return;
    chunks.add(chunk);
    for (const { path, kind } of outputs[chunk].imports) if (kind === 'import-statement') add(path);
  };
  for (const module of modules) {
    const chunk = Object.keys(outputs).find((name) => outputs[name]?.entryPoint === module);
    if (chunk === undefined) throw new Error(`${module} is no entry and not loaded on demand.`);
    add(chunk);
  }
  return chunks;
}

let failed = Object.keys(metafile.inputs).some((input) => input.includes('@tensorflow/'));
if (failed) console.error('The SDK imports TensorFlow.js; training backends stand behind entries of their own.');
for (const { what, entry, with: parts, kilobytes } of budgets) {
  let bytes = 0;
  for (const chunk of chunksOf(metafile.outputs, [entry, ...parts])) bytes += compressed.get(basename(chunk)) ?? 0;
  const over = bytes > kilobytes * kilobyte;
  failed ||= over;
  const line = `${(bytes / kilobyte).toFixed(1).padStart(6)} kB of ${String(kilobytes).padStart(3)}  ${what}`;
  if (over) console.error(`${line}  (over)`);
  else console.log(line);
}
if (failed) process.exit(1);
