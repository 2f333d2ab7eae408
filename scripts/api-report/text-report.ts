/** The public surface of a package as text, a report for each entry: what a review of a change reads. */
import type ts from 'typescript';
import { declarationText } from './declaration-text.ts';
import type { Entry, PublishedPackage } from './entries.ts';
import { type ExportedName, exportedNames, reachableNames } from './surface.ts';

/** Given many declarations, wraps each of them. */
export type Format = (texts: readonly string[]) => readonly string[];

const madeBy = 'Made by `pnpm api:update`; `pnpm api:check` compares.';

/** @returns the text of each entry's report, by its file name */
export function textReports(
  program: ts.Program,
  { name, folder, entries }: PublishedPackage,
  format: Format,
): ReadonlyMap<string, string> {
  const surfaces = new Map(
    entries.map((entry) => [entry, entry.types === null ? [] : exportedNames(program, entry.types)]),
  );
  const exported = new Set([...surfaces.values()].flat().map(({ symbol }) => symbol));
  const core = surfaces.get(entries.find(({ specifier }) => specifier === name) ?? entries[0]) ?? [];
  const reports = new Map<string, string>();
  for (const [entry, names] of surfaces) {
    if (entry.types === null) continue;
    const again = names.filter((each) => names !== core && core.some((other) => sameName(each, other)));
    const own = names.filter((each) => !again.includes(each));
    const reachable = reachableNames(program, own, exported, folder);
    reports.set(entry.report, reportOf(entry, { own, again, reachable, core: name }, entries, format));
  }
  return reports;
}

interface Sections {
  readonly own: readonly ExportedName[];
  /** What the package's main entry exports too. */
  readonly again: readonly ExportedName[];
  readonly reachable: readonly ExportedName[];
  /** Specifier of the main entry. */
  readonly core: string;
}

function reportOf(
  { specifier }: Entry,
  { own, again, reachable, core }: Sections,
  entries: readonly Entry[],
  format: Format,
): string {
  const texts = format([
    ...(again.length > 0 ? [`export { ${again.map(({ name }) => name).join(', ')} } from '${core}';`] : []),
    ...own.map((each) => nameText(each, true)),
    ...reachable.map((each) => nameText(each, false)),
  ]);
  const shown = texts.slice(0, texts.length - reachable.length);
  const rest = texts.slice(shown.length);
  const head = [`// Public surface of ${specifier}. ${madeBy}`];
  if (specifier === core) head.push(`// Entries: ${entries.map((entry) => entry.specifier).join(', ')}`);
  if (own.length + again.length === 0) head.push('// Exports nothing: it is imported for what it does.');
  return `${[
    head.join('\n'),
    ...shown,
    ...(rest.length > 0 ? ['// Not exported, but named above.'] : []),
    ...rest,
  ].join('\n\n')}\n`;
}

function nameText({ name, declarations, typeOnly }: ExportedName, exported: boolean): string {
  const texts = declarations.map((declaration) => declarationText(declaration, name, exported));
  return [...(typeOnly ? ['// As a type only.'] : []), ...texts].join('\n');
}

function sameName(a: ExportedName, b: ExportedName): boolean {
  return a.symbol === b.symbol && a.name === b.name && a.typeOnly === b.typeOnly;
}
