/** A server that has an encoder's folder as a hub has: weights behind a redirect that names their hash. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Files } from '../encoder/tiny-encoder.cases.ts';

export const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

export const commit = '0123456789'.repeat(4);

/** Answers instead of the hub where it answers true. */
export type Odd = (path: string, request: IncomingMessage, response: ServerResponse) => boolean;

export interface Hub {
  readonly url: string;
  /** Method and path of each request, in order. */
  readonly requests: readonly string[];
  close(): void;
}

export async function startHub(files: Files, odd: Odd = () => false): Promise<Hub> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(`${request.method} ${path}`);
    if (odd(path, request, response)) return;
    const [, revision, file] = /^\/tiny\/bert\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const stored = /^\/storage\/(.+)$/.exec(path)?.[1];
    const content = files[stored ?? file];
    if (content === undefined || (stored === undefined && !['main', commit].includes(revision))) {
      response.writeHead(404).end('not here');
    } else if (file?.endsWith('.safetensors')) {
      const linked = { 'x-linked-etag': `"${sha256(content)}"`, 'x-linked-size': String(content.length) };
      response.writeHead(302, { location: `/storage/${file}`, 'x-repo-commit': commit, ...linked }).end();
    } else {
      const length = Buffer.byteLength(content);
      response.writeHead(200, { 'content-length': length, etag: '"abc"', 'x-repo-commit': commit });
      response.end(request.method === 'HEAD' ? undefined : content);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
