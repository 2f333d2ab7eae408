/** Calls to a running coordinator over HTTP. */
import { CommandError } from '../exit/command-error.ts';

/** Longest wait for an answer, in milliseconds. */
const timeoutMilliseconds = 60_000;
/** Largest answer that is read, in bytes. */
const maximumAnswerBytes = 16_777_216;

export interface AdminCall {
  readonly url: string;
  /** Path from the root, e.g. `/tasks`. */
  readonly path: string;
  /** Sent as JSON by POST; left out: GET. */
  readonly body?: unknown;
  readonly token?: string | undefined;
}

/**
 * The JSON that the coordinator answers.
 * @throws CommandError `network` when nobody answers, or what answers is no coordinator; `input` when the coordinator refuses
 * what was sent (400, 409, 413, 422); `usage` when it refuses the token (401, 403); `store` when its disk is full (507)
 */
export async function callCoordinator({ url, path, body, token }: AdminCall): Promise<unknown> {
  const address = `${url.replace(/^ws/, 'http')}${path}`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(address, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    text = await boundedText(response);
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    throw new CommandError('network', `No answer from ${address}.`, {
      advice: 'Check the --url and that the coordinator runs.',
      cause,
    });
  }
  const answer = parsed(text);
  if (response.ok && answer !== undefined) return answer;
  const said = messageOf(answer) ?? `${response.status} ${response.statusText}`.trim();
  if (response.status === 401 || response.status === 403) {
    throw new CommandError('usage', `The coordinator refused the admin token: ${said}`, {
      advice:
        'Give it by TRIBUTARY_ADMIN_TOKEN; it stands in admin-token in the store folder unless the operator chose one.',
    });
  }
  if ([400, 409, 413, 422].includes(response.status)) {
    throw new CommandError('input', `The coordinator refused it: ${said}`, { problems: problemsOf(answer) });
  }
  if (response.status === 507) throw new CommandError('store', `The coordinator could not keep it: ${said}`);
  throw new CommandError('network', `${address} answered: ${said}`, {
    advice: 'Check that the --url is a coordinator.',
  });
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maximumAnswerBytes) {
      throw new CommandError('network', `The answer has more than ${maximumAnswerBytes} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function messageOf(answer: unknown): string | null {
  const holder = answer as { error?: unknown; message?: unknown } | null | undefined;
  const error = holder?.error as { message?: unknown } | string | undefined;
  const text = (typeof error === 'object' ? error?.message : error) ?? holder?.message;
  return typeof text === 'string' ? text.slice(0, 500) : null;
}

function problemsOf(answer: unknown): { path: string; line: null; message: string }[] {
  const holder = answer as { problems?: unknown; error?: { problems?: unknown } } | null | undefined;
  const problems = holder?.problems ?? holder?.error?.problems;
  if (!Array.isArray(problems)) return [];
  return problems.flatMap((problem: { path?: unknown; message?: unknown } | null) =>
    typeof problem?.message === 'string'
      ? [{ path: typeof problem.path === 'string' ? problem.path : '', line: null, message: problem.message }]
      : [],
  );
}
