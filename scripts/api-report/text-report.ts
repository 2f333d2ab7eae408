/** The public surface of a package as text, a report for each entry: what a review of a change reads. */
import type ts from 'typescript';
import { declarationText } from './declaration-text.ts';
import type { Entry, PublishedPackage } from './entries.ts';
import type { Block } from './pages.ts';
import { type ExportedName, exportedNames, reachableNames } from './surface.ts';

const madeBy = 'Made by `pnpm api:update`; `pnpm api:check` compares.';

/** @returns each entry's report, by its file name */
export function textReports(
  program: ts.Program,
  { name, folder, entries }: PublishedPackage,
): ReadonlyMap<string, readonly Block[]> {
  const surfaces = new Map(
    entries.map((entry) => [entry, entry.types === null ? [] : exportedNames(program, entry.types)]),
  );
  const exported = new Set([...surfaces.values()].flat().map(({ symbol }) => symbol));
  const core = surfaces.get(entries.find(({ specifier }) => specifier === name) ?? entries[0]) ?? [];
  const reports = new Map<string, readonly Block[]>();
  for (const [entry, names] of surfaces) {
    if (entry.types === null) continue;
    const again = names.filter((each) => names !== core && core.some((other) => sameName(each, other)));
    const own = names.filter((each) => !again.includes(each));
    const reachable = reachableNames(program, own, exported, folder);
    reports.set(entry.report, reportOf(entry, { own, again, reachable, core: name }, entries));
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
): readonly Block[] {
  const head = [`// Public surface of ${specifier}. ${madeBy}`];
  if (specifier === core) head.push(`// Entries: ${entries.map((entry) => entry.specifier).join(', ')}`);
  if (own.length + again.length === 0) head.push('// Exports nothing: it is imported for what it does.');
  const names = again.map(({ name }) => name).join(', ');
  return [
    head.join('\n'),
    ...(again.length > 0 ? [{ declarations: `export { ${names} } from '${core}';` }] : []),
    ...own.map((each) => ({ declarations: nameText(each, true) })),
    ...(reachable.length > 0 ? ['// Not exported, but named above.'] : []),
    ...reachable.map((each) => ({ declarations: nameText(each, false) })),
  ];
}

function nameText({ name, declarations, typeOnly }: ExportedName, exported: boolean): string {
  const texts = declarations.map((declaration) => declarationText(declaration, name, exported));
  return [...(typeOnly ? ['// As a type only.'] : []), ...texts].join('\n');
}

function sameName(a: ExportedName, b: ExportedName): boolean {
  return a.symbol === b.symbol && a.name === b.name && a.typeOnly === b.typeOnly;
}
