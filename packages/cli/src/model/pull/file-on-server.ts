/** What a server says of a file before it is fetched. */
import { idleLimit } from './idle-limit.ts';
import { type Answer, request } from './request.ts';

export interface FileOnServer {
  /** Path in the folder. */
  readonly file: string;
  readonly url: string;
  /** Host that the bytes come from, after redirects. */
  readonly host: string;
  /** Bytes; null where the server does not say. */
  readonly size: number | null;
  /** As the server names it: SHA-256 (Hugging Face's x-linked-etag), or the SHA-1 of git's blob; other ETags are no hashes. */
  readonly hash: { readonly kind: 'sha256' | 'git-blob'; readonly value: string } | null;
  /** The commit that the revision stands for, where the server says. */
  readonly commit: string | null;
}

/** Asks for the header alone. @returns null where there is no such file @throws CommandError `network` */
export async function askForFile(
  file: string,
  url: string,
  signal: AbortSignal,
  idle?: number,
): Promise<FileOnServer | null> {
  const answer = await request(url, 'HEAD', idleLimit(signal, idle));
  if (!answer) return null;
  const commit = answer.header('x-repo-commit');
  return {
    file,
    url,
    host: answer.url.host,
    size: sizeOf(answer),
    hash: hashOf(answer),
    commit: commit !== null && /^[0-9a-f]{40}$/.test(commit) ? commit : null,
  };
}

/** Of the file itself; what a compressed answer takes is none. */
export function sizeOf({ response, header }: Answer): number | null {
  const encoded = (response.headers.get('content-encoding') ?? 'identity') !== 'identity';
  const text = header('x-linked-size') ?? (encoded ? null : response.headers.get('content-length'));
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function hashOf({ header }: Answer): FileOnServer['hash'] {
  const tagOf = (name: string) => (header(name) ?? '').replace(/^W\/|"/g, '').toLowerCase();
  const linked = tagOf('x-linked-etag');
  if (/^[0-9a-f]{64}$/.test(linked)) return { kind: 'sha256', value: linked };
  // Of a server that is no hub, forty hex digits may be the hash of anything.
  const tag = linked || (header('x-repo-commit') === null ? '' : tagOf('etag'));
  return /^[0-9a-f]{40}$/.test(tag) ? { kind: 'git-blob', value: tag } : null;
}
