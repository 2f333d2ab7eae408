/** A task's catalogue from a JSON file: what is publicly known of the items, in the order of the model's rows. */
import { readFile, stat } from 'node:fs/promises';
import type { Item } from '@tributary/model';
import * as z from 'zod/mini';
import { CommandError, type Problem } from '../exit/command-error.ts';

/** Largest catalogue file in bytes. */
export const maximumCatalogueBytes = 268_435_456;
/** Problems that are listed before one loses interest. */
const maximumProblems = 20;

const text = (maximum: number) => z.string().check(z.maxLength(maximum));
const catalogueSchema = z
  .array(
    z.strictObject({
      id: z.string().check(z.minLength(1), z.maxLength(256)),
      title: text(1_000),
      attributes: z._default(z.array(text(256)).check(z.maxLength(1_000)), []),
      description: z._default(text(20_000), ''),
    }),
  )
  .check(z.minLength(1), z.maxLength(10_000_000));

/**
 * Reads a catalogue: a JSON array of { id, title, attributes, description }, the last two optional, ids distinct.
 * @throws CommandError `input` with the problems' paths.
 */
export async function readCatalogueFile(path: string): Promise<readonly Item[]> {
  const advice = 'Expected a JSON array of { "id", "title", "attributes": [...], "description" }.';
  const found = await stat(path).catch((cause: unknown) => {
    throw new CommandError('input', `The catalogue ${path} does not exist or cannot be read.`, {
      advice: "The task document's `catalogue` is a path relative to the document's folder.",
      cause,
    });
  });
  if (!found.isFile() || found.size > maximumCatalogueBytes) {
    throw new CommandError('input', `${path} is not a file of at most ${maximumCatalogueBytes} bytes.`, { advice });
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path)));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? `: ${cause.message}` : '';
    throw new CommandError('input', `${path} is not JSON in UTF-8${reason}.`, { advice, cause });
  }
  const parsed = catalogueSchema.safeParse(value, { error: z.locales.en().localeError });
  if (!parsed.success) {
    const problems: Problem[] = parsed.error.issues
      .slice(0, maximumProblems)
      .map((issue) => ({ path: issue.path.join('.'), line: null, message: issue.message }));
    throw new CommandError('input', `${path} is not a catalogue: ${parsed.error.issues.length} problems.`, {
      problems,
      advice,
    });
  }
  const repeated = repeatedIds(parsed.data);
  if (repeated.length > 0) {
    throw new CommandError('input', `${path} has items with one id.`, {
      problems: repeated,
      advice: 'Give each its own id.',
    });
  }
  return parsed.data;
}

function repeatedIds(items: readonly Item[]): Problem[] {
  const first = new Map<string, number>();
  const problems: Problem[] = [];
  items.forEach(({ id }, index) => {
    const earlier = first.get(id);
    if (earlier === undefined) first.set(id, index);
    else if (problems.length < maximumProblems) {
      problems.push({ path: `${index}.id`, line: null, message: `expected another id than that of item ${earlier}` });
    }
  });
  return problems;
}
