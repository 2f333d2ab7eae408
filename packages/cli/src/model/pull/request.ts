/**
 * Requests for files, whose redirects are followed one by one: each says something of the file, and none may leave https, but
 * on this machine, where its server was asked by http in the first place.
 */
import { CommandError } from '../../exit/command-error.ts';
import { plainText } from '../../output/table.ts';
import type { IdleLimit } from './idle-limit.ts';
import { isAllowed, isLocalHttp } from './source.ts';

const maximumRedirects = 5;

export interface Answer {
  /** The last one, of status 200, its body unread. */
  readonly response: Response;
  /** Of all answers on the way, the first one to have a header counting. */
  header(name: string): string | null;
  /** Where the file is in the end. */
  readonly url: URL;
}

/** @returns null where there is no such file (404) @throws CommandError `network` */
export async function request(start: string, method: 'HEAD' | 'GET', limit: IdleLimit): Promise<Answer | null> {
  const answers: Response[] = [];
  const first = new URL(start);
  let url = first;
  while (answers.length <= maximumRedirects) {
    // Another's server may not lead to what listens on this machine alone.
    const allowed = isLocalHttp(first) ? isAllowed(url) : url.protocol === 'https:';
    if (!allowed) throw failure(start, `it is redirected to ${url.protocol}//${url.host}, which is not https`);
    const response = await limit.during(() => fetched(start, url, method, limit.signal));
    answers.push(response);
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      if (!URL.canParse(location, url.href)) throw failure(start, 'it is redirected to what is no address');
      url = new URL(location, url);
      if (url.username || url.password) throw failure(start, `it is redirected to ${url.host} with a user name`);
      continue;
    }
    if (response.status === 200) {
      const header = (name: string) =>
        answers.map(({ headers }) => headers.get(name)).find((value) => value !== null) ?? null;
      return { response, header, url };
    }
    await response.body?.cancel();
    if (response.status === 404) return null;
    throw refused(start, response.status);
  }
  throw failure(start, `it is redirected more than ${maximumRedirects} times`);
}

/**
 * A connection that fails, also while a body is read.
 * @param start the address that was asked for
 * @param host that a redirect led to; its whole address may carry a signature that lets anybody fetch the file
 */
export function connectionFailure(start: string, cause: unknown, host = new URL(start).host): CommandError {
  const from = host === new URL(start).host ? '' : ` from ${plainText(host, 200)}`;
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
  return new CommandError(
    'network',
    `${plainText(start, 300)} could not be fetched${from}: ${plainText(inner, 200)}.`,
    {
      advice: 'Check the network and the address, then run it again; nothing was kept.',
      cause,
    },
  );
}

async function fetched(start: string, url: URL, method: 'HEAD' | 'GET', signal: AbortSignal): Promise<Response> {
  try {
    // Lengths and hashes are those of the file, and not of a compressed one.
    return await fetch(url, { method, redirect: 'manual', headers: { 'accept-encoding': 'identity' }, signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw connectionFailure(start, cause, url.host);
  }
}

function refused(url: string, status: number): CommandError {
  const advice =
    status === 401 || status === 403
      ? 'The model does not exist, is private, or asks for an agreement first: fetch it by hand, or choose another one.'
      : 'Try again later, or choose another address.';
  return new CommandError('network', `${plainText(url, 300)} answers with status ${status}.`, { advice });
}

function failure(url: string, what: string): CommandError {
  return new CommandError('network', `${plainText(url, 300)} is not fetched: ${what}.`, {
    advice: 'Choose another address.',
  });
}
