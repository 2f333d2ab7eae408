import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { changesOf } from './api-report/compare.ts';
import type { PublishedPackage } from './api-report/entries.ts';
import { formatDeclarations } from './api-report/format-declarations.ts';
import { renderPages } from './api-report/pages.ts';
import { type Group, reference } from './api-report/reference.ts';
import { declarationProgram } from './api-report/surface.ts';
import { textReports } from './api-report/text-report.ts';

const shop: PublishedPackage = {
  name: 'shop',
  folder: '/shop',
  entries: [
    { specifier: 'shop', types: '/shop/dist/index.d.ts', report: 'shop.api.txt' },
    { specifier: 'shop/node', types: '/shop/dist/node.d.ts', report: 'shop.node.api.txt' },
    { specifier: 'shop/panel.css', types: null, report: 'shop.panel.css.api.txt' },
  ],
};

const files: Readonly<Record<string, string>> = {
  '/shop/package.json': '{ "name": "shop", "type": "module" }',
  '/shop/dist/index.d.ts': `
    export { type Options, open } from './open.ts';
    export { limit as maximum, Till } from './till.ts';`,
  '/shop/dist/node.d.ts': `
    export * from './index.ts';
    export type { Till as TillType } from './till.ts';`,
  '/shop/dist/open.d.ts': `
    import type { Hours } from './hours.ts';
    export interface Options {
      /** Of the shop's door. */
      readonly name: string;
      readonly hours?: Hours;
      readonly door: {
        /** In millimetres. */
        readonly width: number;
      };
    }
    /**
     * Opens the shop.
     *
     * Once a day.
     * @param options that hold all day
     * @returns a function that closes it
     * @throws ShopError 'too-early' before eight
     */
    export declare function open({ name: given }: Options): () => void;`,
  '/shop/dist/hours.d.ts': 'export interface Hours { readonly from: number }',
  '/shop/dist/till.d.ts': `
    export declare const limit = 500;
    export declare class Till { private coins; #key; count(): import('./open.ts').Options; }`,
};

/** A program over the files, with no library: the reports are of what the files declare. */
function programOf(changed: Readonly<Record<string, string>>): ts.Program {
  const all = new Map(Object.entries({ ...files, ...changed }));
  const host: ts.CompilerHost = {
    fileExists: (file) => all.has(file),
    readFile: (file) => all.get(file),
    getSourceFile: (file, options) =>
      file.startsWith('/lib/') || all.has(file) ? ts.createSourceFile(file, all.get(file) ?? '', options) : undefined,
    getDefaultLibFileName: () => '/lib/lib.d.ts',
    getDefaultLibLocation: () => '/lib',
    getCurrentDirectory: () => '/',
    getCanonicalFileName: (file) => file,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    writeFile: () => {},
  };
  return declarationProgram(
    shop.entries.flatMap(({ types }) => types ?? []),
    host,
  );
}

function reportsOf(changed: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> {
  return renderPages(textReports(programOf(changed), shop), (texts) => texts);
}

/** The lines that a change of one file takes out of the reports and puts into them. */
function linesChanged(file: string, from: string, to: string): readonly string[] {
  const before = files[file] ?? '';
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  return changesOf(reportsOf(), reportsOf({ [file]: after }))
    .flatMap((change) => change.split('\n'))
    .filter((line) => /^[-+](?![-+])/.test(line))
    .map((line) => line.replace(/^(.)\s+/, '$1'));
}

describe('the report of a public surface', () => {
  test('shows every exported name, in order, without comments and private members', () => {
    expect(
      reportsOf().get('shop.api.txt'),
    ).toBe(`// Public surface of shop. Made by \`pnpm api:update\`; \`pnpm api:check\` compares.
// Entries: shop, shop/node, shop/panel.css

export interface Options {
    readonly name: string;
    readonly hours?: Hours;
    readonly door: {
        readonly width: number;
    };
}

export class Till {
    count(): Options;
}

export const maximum = 500;

export function open(options: Options): () => void;

// Not exported, but named above.

interface Hours {
    readonly from: number;
}
`);
  });

  test('names what another entry exports again, and a class of which only the type is exported', () => {
    const report = reportsOf().get('shop.node.api.txt');
    expect(report).toContain("export { Options, Till, maximum, open } from 'shop';");
    expect(report).toContain('// As a type only.\nexport class TillType {');
  });

  test('shows an option that was added', () => {
    expect(
      linesChanged('/shop/dist/open.d.ts', 'readonly hours?', 'readonly closed?: boolean; readonly hours?'),
    ).toEqual(['+readonly closed?: boolean;']);
  });

  test('shows an export that was removed, in each entry that had it', () => {
    expect(linesChanged('/shop/dist/index.d.ts', 'limit as maximum, ', '')).toEqual([
      '-export const maximum = 500;',
      '-',
      "-export { Options, Till, maximum, open } from 'shop';",
      "+export { Options, Till, open } from 'shop';",
    ]);
  });

  test('shows a return type that was changed', () => {
    expect(linesChanged('/shop/dist/open.d.ts', '): () => void', '): Hours')).toEqual([
      '-export function open(options: Options): () => void;',
      '+export function open(options: Options): Hours;',
    ]);
  });

  test('shows a change of a type that is named but not exported', () => {
    expect(linesChanged('/shop/dist/hours.d.ts', 'from: number', 'from: string')).toEqual([
      '-readonly from: number;',
      '+readonly from: string;',
    ]);
  });

  test('is not changed by a comment, a private member or how a parameter is taken apart', () => {
    expect(linesChanged('/shop/dist/open.d.ts', 'Opens the shop', 'Opens all shops')).toEqual([]);
    expect(linesChanged('/shop/dist/till.d.ts', 'private coins', 'private notes')).toEqual([]);
    expect(linesChanged('/shop/dist/open.d.ts', 'name: given', 'name: chosen')).toEqual([]);
  });

  test('fails on an export that leads nowhere', () => {
    expect(() => reportsOf({ '/shop/dist/index.d.ts': "export { shut } from './open.ts';" })).toThrow("'shut'");
  });

  test('tells of a report that is missing and of one that nothing makes any more', () => {
    expect(changesOf(new Map([['old.api.txt', 'a\n']]), new Map([['new.api.txt', 'b\n']]))).toEqual([
      expect.stringContaining('+b'),
      expect.stringContaining('-a'),
    ]);
  });
});

describe('the reference', () => {
  const groups: readonly Group[] = [
    { title: 'Day', of: ['open'] },
    { title: 'Money', about: 'All of it.', of: ['till'] },
  ];
  const page = (of: readonly Group[], changed = {}) =>
    renderPages(new Map([['shop.md', reference(programOf(changed), shop, of, '# Shop')]]), (texts) => texts).get(
      'shop.md',
    );

  test('gives docstring, signature, parameters and errors under the group of the declaration', () => {
    expect(page(groups)).toBe(`# Shop

## Day

[open](#open) · [Options](#options)

### open

Opens the shop.

Once a day.

\`\`\`ts
function open(options: Options): () => void;
\`\`\`

- \`options\`: that hold all day.
- Returns a function that closes it.
- Throws \`ShopError\` 'too-early' before eight.

### Options

\`\`\`ts
interface Options {
    readonly name: string;
    readonly hours?: Hours;
    readonly door: {
        readonly width: number;
    };
}
\`\`\`

- \`name\`: Of the shop's door.
- \`door.width\`: In millimetres.

## Money

All of it.

[Till](#till) · [maximum](#maximum)

### Till

\`\`\`ts
class Till {
    count(): Options;
}
\`\`\`

### maximum

\`\`\`ts
const maximum = 500;
\`\`\`
`);
  });

  test('asks for a group for a name that has none', () => {
    expect(() => page(groups.slice(0, 1))).toThrow("'Till' of shop");
  });
});

test('declarations are wrapped one by one in a single run of the formatter', () => {
  const many = `export function open(${Array.from({ length: 9 }, (_, i) => `parameter${i}: Options`).join(', ')}): void;`;
  expect(formatDeclarations(['export type A = "a"|"b"', many], process.cwd())).toEqual([
    "export type A = 'a' | 'b';",
    `export function open(\n${Array.from({ length: 9 }, (_, i) => `  parameter${i}: Options,\n`).join('')}): void;`,
  ]);
});
