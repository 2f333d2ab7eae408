import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from '../run.ts';

const miniLm = join(
  process.env.TRIBUTARY_MODELS ?? fileURLToPath(new URL('../../../../../shared/models', import.meta.url)),
  'all-MiniLM-L6-v2',
);
const missing = !existsSync(join(miniLm, 'model.safetensors'));
const reason = missing ? ' (skipped: set TRIBUTARY_MODELS to a folder that has it)' : '';

const folder = mkdtempSync(join(tmpdir(), 'text-'));
afterAll(() => rmSync(folder, { recursive: true }));
function fileOf(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

async function text(...commandLine: string[]) {
  const lines: string[] = [];
  const streams = { out: { write: (part: string) => lines.push(part) }, error: { write: () => true } };
  const signal = new AbortController().signal;
  const code = await run(['text', ...commandLine, '--json'], { env: {}, signal, streams });
  return { code, data: JSON.parse(lines.join('').trimEnd().split('\n').at(-1) ?? '') };
}

interface GoldenCase {
  readonly texts: readonly string[];
  readonly input_ids: readonly (readonly number[])[];
  readonly token_counts: readonly number[];
  readonly embeddings: readonly { readonly values: readonly number[] }[];
}

describe.skipIf(missing)(`tributary text encode with all-MiniLM-L6-v2${reason}`, () => {
  it("gives the reference's token ids, and its embeddings within 1e-4", async () => {
    const { cases } = JSON.parse(readFileSync(join(miniLm, 'goldens.json'), 'utf8')) as { cases: GoldenCase[] };
    const texts = cases.flatMap((golden) => golden.texts);
    const { code, data } = await text('encode', '--model', miniLm, ...texts.flatMap((value) => ['--text', value]));
    expect(code).toBe(0);
    const expected = cases.flatMap(({ input_ids: ids, token_counts: counts, embeddings }) =>
      embeddings.map(({ values }, row) => ({ ids: ids[row].slice(0, counts[row]), values })),
    );
    expect(expected).toHaveLength(9);
    let largest = 0;
    for (const [at, { ids, values }] of expected.entries()) {
      expect(data.results[at].ids).toEqual(ids);
      for (const [i, value] of values.entries()) {
        largest = Math.max(largest, Math.abs(data.results[at].embedding[i] - value));
      }
    }
    console.log(`${expected.length} texts: ids identical, embeddings within ${largest.toExponential(1)}`);
    expect(largest).toBeLessThan(1e-4);
  });
});

describe('tributary text with the built-in encoder', () => {
  it('gives ids and an embedding of unit length', async () => {
    const { code, data } = await text('encode', '--text', 'A quiet thriller', '--backend', 'cpu');
    expect(code).toBe(0);
    expect(Object.keys(data)).toEqual(['ids', 'embedding']);
    expect(Math.hypot(...data.embedding)).toBeCloseTo(1, 5);
  });

  it('keeps as many tokens as it is told, special ones included', async () => {
    const { data } = await text('encode', '--text', 'one two three four five six', '--max-tokens', '5');
    expect(data.ids).toHaveLength(5);
  });

  it('finds a text nearer to one of its meaning than to another, and equal to itself', async () => {
    const words = ['--text', 'detective story', '--text', 'crime mystery', '--text', 'chocolate cake'];
    const { data } = await text('similar', ...words);
    const [near, far] = data.pairs as { similarity: number }[];
    expect(near.similarity).toBeGreaterThan(far.similarity);
    expect((await text('similar', '--text', 'a', '--text', 'a')).data.similarity).toBeCloseTo(1, 5);
  });

  it.each([
    [
      'jsonl',
      '{"id":"1","title":"Lemon cake","attributes":["baking"]}\n{"id":2,"title":"Murder at night","description":"A detective."}\n',
    ],
    ['csv', 'id,title,attributes,description\n1,Lemon cake,baking,\n2,Murder at night,crime|noir,A detective.\n'],
  ])('searches a catalogue of items in .%s', async (ending, content) => {
    const catalogue = fileOf(`items.${ending}`, content);
    const { code, data } = await text('search', '--catalogue', catalogue, '--query', 'crime mystery', '--top', '1');
    expect(code).toBe(0);
    expect(data).toMatchObject({ items: 2, found: [{ id: '2', title: 'Murder at night' }] });
  });
});

describe('tributary text refuses', () => {
  it.each([
    ['a folder that is not there', ['encode', '--text', 'a', '--model', '/nowhere'], 3, /no folder/],
    ['a folder without a model', ['encode', '--text', 'a', '--model', folder], 3, /no config\.json/],
    ['no text', ['encode'], 2, /0 texts/],
    ['one text to compare', ['similar', '--text', 'a'], 2, /1 texts/],
    ['more tokens than there are positions', ['encode', '--text', 'a', '--max-tokens', '9999'], 2, /128 positions/],
    ['an unknown backend', ['encode', '--text', 'a', '--backend', 'abacus'], 2, /no backend "abacus"/],
    ['a missing catalogue', ['search', '--catalogue', '/nowhere.jsonl', '--query', 'a'], 3, /nowhere/],
  ])('%s', async (_, commandLine, exitCode, message) => {
    const { code, data } = await text(...commandLine);
    expect(code).toBe(exitCode);
    expect(data.error.message).toMatch(message);
  });

  it.each([
    ['a line that is not JSON', 'bad.jsonl', '{"id":"1"}\n{', 2],
    ['an id that has been before', 'twice.jsonl', '{"id":"1"}\n{"id":"1"}\n', 2],
    ['an item without an id', 'bare.jsonl', '{"title":"a"}\n', 1],
  ])('%s, naming the line', async (_, name, content, line) => {
    const { code, data } = await text('search', '--catalogue', fileOf(name, content), '--query', 'a');
    expect(code).toBe(3);
    expect(data.error.problems[0].line).toBe(line);
  });
});
