import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import { callCoordinator } from './admin-call.ts';

/** What a call comes to when the other side answers like this. */
async function callTo(answer: RequestListener, body?: unknown): Promise<unknown> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  try {
    const url = `http://127.0.0.1:${port}`;
    return await callCoordinator({ url, path: '/tasks', body, token: 'a-secret-of-somebody' }).catch(
      (error: unknown) => error,
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('callCoordinator', () => {
  it('gives back what a coordinator answers, and sends body and token', async () => {
    let seen = '';
    const answer = await callTo(
      (request, response) => {
        seen = `${request.method} ${request.url} ${request.headers.authorization}`;
        request.pipe(response);
      },
      { task: 'films' },
    );
    expect(seen).toBe('POST /tasks Bearer a-secret-of-somebody');
    expect(answer).toEqual({ task: 'films' });
  });

  it('passes on why a coordinator refused, with the problems', async () => {
    const error = await callTo((_, response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      const problems = [{ path: 'document.rounds', message: 'expected at least 1' }];
      response.end(JSON.stringify({ error: { code: 'invalid', message: 'The body is not valid.', problems } }));
    }, {});
    expect(error).toMatchObject({
      reason: 'input',
      message: expect.stringContaining('The body is not valid.'),
      problems: [{ path: 'document.rounds', message: 'expected at least 1' }],
    });
  });

  it.each<[string, RequestListener, string]>([
    ['a refused token', (_, response) => response.writeHead(401).end('{}'), 'usage'],
    ['a page that is no JSON', (_, response) => response.end('<html>'), 'network'],
    ['a failure', (_, response) => response.writeHead(500).end('{"error":{"message":"failed"}}'), 'network'],
    ['a full disk', (_, response) => response.writeHead(507).end('{"error":{"message":"full"}}'), 'store'],
    ['a redirect', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), 'network'],
    ['a connection that is cut', (request) => request.socket.destroy(), 'network'],
    ['an answer without end', (_, response) => void response.end(Buffer.alloc(17_000_000, 32)), 'network'],
  ])('calls %s by its name, and never shows the token', async (_, listener, reason) => {
    const error = await callTo(listener);
    expect(error).toMatchObject({ name: 'CommandError', reason });
    expect(String(error)).not.toContain('a-secret');
  });
});
