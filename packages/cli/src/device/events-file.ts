/** One person's events from a CSV file. Messages name lines and columns, never what stands in them. */
import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import { CommandError } from '../exit/command-error.ts';

export interface DeviceEvent {
  readonly itemId: string;
  /** Milliseconds since 1970; null where the file does not say: the order of the file stands then. */
  readonly at: number | null;
}

/** Most events that one device reads, and most characters of an item id. */
export const maximumEvents = 1_000_000;
const maximumIdLength = 256;

/**
 * Reads events with the columns `itemId` and, optionally, `at` (an ISO 8601 time or milliseconds since 1970).
 * @throws CommandError `input` with the line that is wrong.
 */
export async function readEventsFile(path: string): Promise<DeviceEvent[]> {
  const rows = createReadStream(path).pipe(
    parse({ bom: true, columns: true, info: true, trim: true, skip_empty_lines: true, max_record_size: 16_384 }),
  );
  const events: DeviceEvent[] = [];
  try {
    for await (const { record, info } of rows as AsyncIterable<{
      readonly record: Readonly<Record<string, string>>;
      readonly info: { readonly lines: number };
    }>) {
      if (events.length === maximumEvents) throw wrong(path, info.lines, `expected at most ${maximumEvents} events`);
      events.push(eventOf(record, path, info.lines));
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as { readonly lines?: unknown };
    throw wrong(path, typeof lines === 'number' ? lines : null, 'is not a row of the columns named in the first line');
  }
  if (events.length === 0) {
    throw new CommandError('input', `${path} has no events.`, {
      advice: 'Expected the header itemId,at and rows below it.',
    });
  }
  return events;
}

function eventOf(record: Readonly<Record<string, string>>, path: string, line: number): DeviceEvent {
  const { itemId, at } = record;
  if (itemId === undefined)
    throw wrong(path, 1, 'the column itemId is missing; expected the header itemId or itemId,at');
  if (itemId === '') throw wrong(path, line, 'the column itemId is empty; expected the id of an item');
  if (itemId.length > maximumIdLength) {
    throw wrong(path, line, `the column itemId is too long; expected at most ${maximumIdLength} characters`);
  }
  if (at === undefined || at === '') return { itemId, at: null };
  const time = /^\d{1,16}$/.test(at) ? Number(at) : /^\d{4}-\d{2}-\d{2}/.test(at) ? Date.parse(at) : Number.NaN;
  if (!Number.isSafeInteger(time)) {
    throw wrong(
      path,
      line,
      'the column at is not a time; expected e.g. 2026-05-01T12:30:00Z or milliseconds since 1970',
    );
  }
  return { itemId, at: time };
}

function wrong(path: string, line: number | null, message: string): CommandError {
  return new CommandError('input', `${path} is not a file of events.`, {
    problems: [{ path: '', line, message }],
    advice: 'Correct that line, then run it again; nothing was tracked.',
  });
}
