/** Pages as an app would ship them: bundled from the packages' sources with chunks on demand, served with isolation headers. */
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Pages {
  /** Without a path; any path but a file's is an empty page that runs `page`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * @param entries scripts by the name that they are served as, e.g. { page: 'test/browser/page.ts' }, and the styles they import
 * @param webAssembly whether the pages' Content-Security-Policy allows it
 */
export async function servePages(entries: Readonly<Record<string, string>>, webAssembly = true): Promise<Pages> {
  const scripts = webAssembly ? "'self' 'wasm-unsafe-eval'" : "'self'";
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { ...entries },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['source'],
    jsx: 'automatic',
    minify: true,
    write: false,
    outdir: 'pages',
    logLevel: 'silent',
  });
  const files = new Map<string, Uint8Array>(outputFiles.map(({ path, contents }) => [`/${basename(path)}`, contents]));
  // TensorFlow.js fetches its kernels from the script's folder.
  const modelPackage = createRequire(join(root, 'packages/model/package.json'));
  const wasmFolder = dirname(modelPackage.resolve('@tensorflow/tfjs-backend-wasm'));
  for (const name of await readdir(wasmFolder)) {
    if (name.endsWith('.wasm')) files.set(`/${name}`, await readFile(join(wasmFolder, name)));
  }
  // What the page's script imports of styles.
  const styles = files.has('/page.css') ? '<link rel="stylesheet" href="/page.css">' : '';
  const html =
    `<!doctype html><html lang="en"><title>A page</title><link rel="icon" href="data:,">${styles}` +
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">' +
    '<main><h1>A page</h1></main><script type="module" src="/page.js"></script></html>';
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = files.get(pathname);
    response.writeHead(200, {
      'content-type': file === undefined ? 'text/html; charset=utf-8' : contentTypeOf(pathname),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'content-security-policy': `default-src 'none'; script-src ${scripts}; worker-src 'self'; style-src 'self'; img-src data:; connect-src 'self' ws://127.0.0.1:* http://127.0.0.1:*`,
    });
    response.end(file ?? html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function contentTypeOf(path: string): string {
  if (path.endsWith('.wasm')) return 'application/wasm';
  return `text/${path.endsWith('.css') ? 'css' : 'javascript'}; charset=utf-8`;
}
