/**
 * Reads YAML or JSON from a file that somebody else wrote: bounded in size and depth, no repeated keys, no alias bombs. YAML
 * 1.2 contains JSON, so one parser reads both and knows the line of every field.
 */
import { readFile, stat } from 'node:fs/promises';
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { CommandError, type Problem } from '../exit/command-error.ts';

/** Largest document in bytes. */
export const maximumDocumentBytes = 1_048_576;
/** Most times that one document may repeat itself through aliases. */
const maximumAliasCount = 50;

export interface StructuredFile {
  readonly value: unknown;
  /** 1-based line of the field at a path, of the nearest field around it where it is missing, or null. */
  lineOf(path: readonly (string | number)[]): number | null;
}

/**
 * Reads and parses a file.
 * @throws CommandError `input`: not a file, too large, not UTF-8, not YAML, with every problem's line.
 */
export async function readStructuredFile(path: string): Promise<StructuredFile> {
  const found = await stat(path).catch((cause: unknown) => {
    const problem = (cause as { code?: string }).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new CommandError('input', `The file ${path} ${problem}.`, {
      advice: 'Name a YAML or JSON file; its path is relative to the folder that the command runs in.',
      cause,
    });
  });
  if (!found.isFile()) throw new CommandError('input', `${path} is not a file; expected a YAML or JSON document.`);
  if (found.size > maximumDocumentBytes) {
    throw new CommandError('input', `${path} has ${found.size} bytes; expected at most ${maximumDocumentBytes}.`);
  }
  const bytes = await readFile(path);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CommandError('input', `${path} is not UTF-8 text.`, { advice: 'Save it as UTF-8.', cause });
  }
  return parseStructuredText(text, path);
}

/** Parses a document's text; `name` stands in messages. @throws CommandError `input`. */
export function parseStructuredText(text: string, name: string): StructuredFile {
  const lines = new LineCounter();
  const advice = 'Correct the lines named, then run it again.';
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      uniqueKeys: true,
      strict: true,
      prettyErrors: false,
      version: '1.2',
      schema: 'core',
    });
    if (document.errors.length > 0) {
      const problems: Problem[] = document.errors.map((error) => ({
        path: '',
        line: lines.linePos(error.pos[0]).line,
        message: error.message,
      }));
      throw new CommandError('input', `${name} is not valid YAML or JSON.`, { advice, problems });
    }
    return {
      value: document.toJS({ maxAliasCount: maximumAliasCount }),
      lineOf(path) {
        const offset = offsetOf(document.contents, path);
        return offset === null ? null : lines.linePos(offset).line;
      },
    };
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    // Too many aliases (ReferenceError) or too deep for the parser's stack (RangeError).
    const problem = cause instanceof RangeError ? 'is nested too deeply' : 'repeats itself through too many aliases';
    throw new CommandError('input', `${name} ${problem}.`, {
      advice: 'Write the values out, a few levels deep.',
      cause,
    });
  }
}

/** Offset of the deepest node that exists along a path: of its key where it is a field of a map. */
function offsetOf(root: unknown, path: readonly (string | number)[]): number | null {
  let node = root;
  let offset = isNode(node) && node.range ? node.range[0] : null;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => (isScalar(key) ? String(key.value) : String(key)) === String(part));
      if (!pair) break;
      if (isNode(pair.key) && pair.key.range) offset = pair.key.range[0];
      node = pair.value;
      continue;
    }
    const items = (node as { items?: readonly unknown[] } | null)?.items;
    const item = items?.[Number(part)];
    if (!isNode(item)) break;
    if (item.range) offset = item.range[0];
    node = item;
  }
  return offset;
}
