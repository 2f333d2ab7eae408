/** Items of a catalogue from a file of items alone, or from a data set. */
import { readFile } from 'node:fs/promises';
import type { Item } from '@tributary/model';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { loadData } from '../data/load-data.ts';
import { CommandError } from '../exit/command-error.ts';
import { readCatalogueFile } from '../task/catalogue-file.ts';

/** Attributes of a CSV cell are separated as in MovieLens, or by semicolons. */
const attributesOf = (cell: string) =>
  cell
    .split(/[|;]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

const itemSchema = z.object({
  id: z.union([z.string().min(1), z.number()]).transform(String),
  title: z.string().default(''),
  attributes: z.union([z.array(z.string()), z.string().transform(attributesOf)]).default([]),
  description: z.string().default(''),
});

/**
 * @param name "synthetic", a catalogue as a task names it (.json), a .jsonl or .csv file of items with the columns id, title, attributes and description (all but id may
 * be missing), or whatever data set `loadData` knows
 * @throws CommandError `input` naming the line, DataError for a data set
 */
export async function loadCatalogue(name: string): Promise<readonly Item[]> {
  if (/\.json$/i.test(name)) return readCatalogueFile(name);
  if (/\.jsonl$/i.test(name)) return itemsOf(name, jsonLines(name, await readFile(name, 'utf8')));
  if (/\.csv$/i.test(name)) {
    const rows = csvRows(name, await readFile(name, 'utf8'));
    // A CSV without a column "id" is one of interactions.
    if (rows.some(({ value }) => Object.hasOwn(value as object, 'id'))) return itemsOf(name, rows);
  }
  return (await loadData(name, { seed: 1 })).items;
}

interface Row {
  readonly line: number;
  readonly value: unknown;
}

function jsonLines(name: string, text: string): Row[] {
  return text.split('\n').flatMap((content, at) => {
    if (content.trim() === '') return [];
    try {
      return [{ line: at + 1, value: JSON.parse(content) as unknown }];
    } catch (cause) {
      throw wrong(name, at + 1, 'this line is not JSON', cause);
    }
  });
}

function csvRows(name: string, text: string): Row[] {
  try {
    const rows = parse(text, { columns: true, bom: true, skip_empty_lines: true, info: true }) as unknown as {
      record: unknown;
      info: { lines: number };
    }[];
    return rows.map(({ record, info }) => ({ line: info.lines, value: record }));
  } catch (cause) {
    throw wrong(name, null, cause instanceof Error ? cause.message : 'it is not CSV', cause);
  }
}

function itemsOf(name: string, rows: readonly Row[]): Item[] {
  if (rows.length === 0) throw wrong(name, null, 'it has no item');
  const seen = new Set<string>();
  return rows.map(({ line, value }) => {
    const parsed = itemSchema.safeParse(value);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw wrong(name, line, `${issue.path.join('.') || 'the row'}: ${issue.message}`);
    }
    if (seen.has(parsed.data.id)) throw wrong(name, line, 'this id has been before');
    seen.add(parsed.data.id);
    return parsed.data;
  });
}

function wrong(file: string, line: number | null, message: string, cause?: unknown): CommandError {
  return new CommandError('input', `The catalogue ${file} cannot be read.`, {
    problems: [{ path: '', line, message }],
    advice: 'Expected one item a line, with id, title, attributes and description; all but the id may be left out.',
    cause,
  });
}
