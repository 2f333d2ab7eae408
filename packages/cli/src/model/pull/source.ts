/** Where an encoder's files are fetched from. */
import { InvalidArgumentError } from 'commander';

export interface EncoderSource {
  /** As it was asked for. */
  readonly name: string;
  /** The address of a file of the folder, at a revision. */
  urlOf(file: string, revision: string): string;
  /** Whether a revision means anything there. */
  readonly hasRevisions: boolean;
}

const idPattern = /^[A-Za-z0-9][\w.-]{0,95}(\/[A-Za-z0-9][\w.-]{0,95})?$/;

/**
 * @param model a Hugging Face id, or the address of a folder
 * @param base address of the hub, for an id
 */
export function encoderSource(model: string, base: string): EncoderSource {
  if (URL.canParse(model)) {
    const folder = model.replace(/\/+$/, '');
    return { name: model, hasRevisions: false, urlOf: (file) => `${folder}/${file}` };
  }
  const root = base.replace(/\/+$/, '');
  return {
    name: model,
    hasRevisions: true,
    urlOf: (file, revision) => `${root}/${model}/resolve/${encodeURIComponent(revision)}/${file}`,
  };
}

/** Nothing on the way may read or change what is fetched; a server on this machine has no such way. */
export function isAllowed(url: URL): boolean {
  return url.protocol === 'https:' || isLocalHttp(url);
}

/** Plain http of a server on this machine. */
export function isLocalHttp(url: URL): boolean {
  return url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
}

/** An https address without user name, query or fragment. */
export function folderUrlValue(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !isAllowed(url) || url.username || url.password || url.search || url.hash) {
    throw new InvalidArgumentError('Expected an address such as https://huggingface.co without a user name or query.');
  }
  return text;
}

/** A Hugging Face id, or an https address. */
export function modelSourceValue(text: string): string {
  if (/^[a-z]+:/i.test(text)) return folderUrlValue(text);
  if (!idPattern.test(text) || text.includes('..')) {
    throw new InvalidArgumentError(
      'Expected an id such as sentence-transformers/all-MiniLM-L6-v2, or an https address.',
    );
  }
  return text;
}

/** A branch, tag or commit. */
export function revisionValue(text: string): string {
  if (!/^[\w][\w./-]{0,99}$/.test(text) || text.includes('..')) {
    throw new InvalidArgumentError('Expected a branch, a tag or a commit, such as main.');
  }
  return text;
}
