import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandError } from '../exit/command-error.ts';
import { maximumDocumentBytes, parseStructuredText, readStructuredFile } from './structured-file.ts';

function refusalOf(text: string): CommandError {
  try {
    parseStructuredText(text, 'plan.yaml');
  } catch (error) {
    if (error instanceof CommandError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

describe('parseStructuredText', () => {
  it('reads JSON as it stands, since YAML 1.2 contains it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parseStructuredText(text, 'x.json').value).toEqual(JSON.parse(text));
      }),
      { numRuns: 200 },
    );
  });

  it('knows the line of a field, and of the nearest one around a missing field', () => {
    const file = parseStructuredText('version: 1\ncohort:\n  target: 3\n  minimum: 5\nlist:\n  - a\n  - b\n', 'x');
    expect(file.lineOf(['cohort', 'minimum'])).toBe(4);
    expect(file.lineOf(['cohort', 'absent'])).toBe(2);
    expect(file.lineOf(['list', 1])).toBe(7);
    expect(file.lineOf([])).toBe(1);
  });

  it('refuses a repeated key with its line', () => {
    const { reason, problems } = refusalOf('rounds: 3\nseed: 1\nrounds: 4\n');
    expect(reason).toBe('input');
    expect(problems).toHaveLength(1);
    expect(problems[0].line).toBe(3);
  });

  it('refuses an alias bomb without expanding it', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const inner = level === 0 ? '"x"' : `*a${level - 1}`;
      return `a${level}: &a${level} [${Array(10).fill(inner).join(',')}]`;
    });
    expect(refusalOf(levels.join('\n')).message).toMatch(/aliases/);
  });

  it('refuses nesting without end', () => {
    expect(refusalOf('['.repeat(50_000)).reason).toBe('input');
  });

  it('does not let a key reach the prototype of objects', () => {
    const { value } = parseStructuredText('__proto__:\n  polluted: true\n', 'x');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('answers any text with a value or a typed refusal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        try {
          parseStructuredText(text, 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(CommandError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('readStructuredFile', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-structured-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['a missing file', 'absent.yaml', null, /does not exist/],
    ['a folder', '.', null, /not a file/],
    ['a file over the bound', 'large.yaml', Buffer.alloc(maximumDocumentBytes + 1, 32), /at most/],
    ['bytes that are not UTF-8', 'latin.yaml', Buffer.from([0x61, 0x3a, 0x20, 0xe9, 0x0a]), /UTF-8/],
  ])('refuses %s', async (_, name, content, expected) => {
    const path = join(folder, name);
    if (content) await writeFile(path, content);
    await expect(readStructuredFile(path)).rejects.toSatisfy(
      (error) => error instanceof CommandError && error.reason === 'input' && expected.test(error.message),
    );
  });
});
