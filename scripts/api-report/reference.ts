/** The reference of a package, in Markdown: what its docstrings say, with the signatures they belong to. */
import ts from 'typescript';
import { declarationText } from './declaration-text.ts';
import type { PublishedPackage } from './entries.ts';
import type { Block } from './pages.ts';
import { byName, type ExportedName, exportedNames } from './surface.ts';

export interface Group {
  readonly title: string;
  readonly about?: string;
  /** Folders or files, without extension, from the package's root of declarations; the longest that fits a declaration decides. */
  readonly of: readonly string[];
}

interface Documented extends ExportedName {
  /** Where an app imports it from: the first entry that has it. */
  readonly specifier: string;
  readonly group: Group;
}

/** @throws Error when an exported name belongs to no group */
export function reference(
  program: ts.Program,
  pack: PublishedPackage,
  groups: readonly Group[],
  head: string,
): readonly Block[] {
  const checker = program.getTypeChecker();
  const names = documentedNames(program, pack, groups);
  const known = new Set(names.map(({ name }) => name));
  const sections = groups.flatMap((group): readonly Block[] => {
    const members = names.filter((each) => each.group === group);
    return [
      `## ${group.title}`,
      ...(group.about === undefined ? [] : [group.about]),
      ...(members.length > 0 ? [members.map(({ name }) => linkTo(name)).join(' · ')] : []),
      ...members.flatMap((each) => section(checker, each, known, pack.name)),
    ];
  });
  return [head, ...sections];
}

function linkTo(name: string): string {
  return `[${name}](#${name.toLowerCase()})`;
}

function documentedNames(
  program: ts.Program,
  { name, folder, entries }: PublishedPackage,
  groups: readonly Group[],
): readonly Documented[] {
  const seen = new Set<ts.Symbol>();
  const names: Documented[] = [];
  for (const { specifier, types } of entries) {
    for (const each of types === null ? [] : exportedNames(program, types)) {
      if (seen.has(each.symbol)) continue;
      seen.add(each.symbol);
      const file = each.declarations[0]?.getSourceFile().fileName ?? '';
      const group = groupOf(groups, file.replace(`${folder}/dist/`, '').replace(/\.d\.ts$/, ''));
      if (group === undefined) {
        throw new Error(`'${each.name}' of ${name} (${file}) is in no group of the reference; add its folder to one.`);
      }
      names.push({ ...each, specifier, group });
    }
  }
  return names.sort((a, b) => rank(a) - rank(b) || byName(a, b));
}

function groupOf(groups: readonly Group[], path: string): Group | undefined {
  const fitting = groups.flatMap((group) =>
    group.of.filter((each) => path === each || path.startsWith(`${each}/`)).map((each) => ({ group, each })),
  );
  return fitting.sort((a, b) => b.each.length - a.each.length)[0]?.group;
}

/** What one calls first, then what it takes and gives. */
function rank({ declarations }: ExportedName): number {
  return declarations.some(ts.isFunctionDeclaration) ? 0 : declarations.some(ts.isClassDeclaration) ? 1 : 2;
}

function section(
  checker: ts.TypeChecker,
  { name, symbol, specifier, declarations }: Documented,
  known: ReadonlySet<string>,
  core: string,
): readonly Block[] {
  const bases = declarations.flatMap(basesOf).filter((base) => known.has(base));
  const lines = [
    ...bases.map((base) => `- Has all that ${linkTo(base)} has.`),
    ...tagLines(symbol.getJsDocTags(checker)).map((line) => `- ${line}`),
    ...declarations.flatMap(membersOf).flatMap((member) => memberLine(checker, member)),
  ];
  return [
    `### ${name}`,
    ...(specifier === core ? [] : [`From \`${specifier}\`.`]),
    ...paragraphs(symbol, checker),
    { declarations: declarations.map((each) => declarationText(each, name, false)).join('\n') },
    ...(lines.length > 0 ? [lines.join('\n')] : []),
  ];
}

function basesOf(declaration: ts.Declaration): readonly string[] {
  if (!ts.isInterfaceDeclaration(declaration) && !ts.isClassDeclaration(declaration)) return [];
  return (declaration.heritageClauses ?? []).flatMap(({ types }) =>
    types.map(({ expression }) => expression.getText()),
  );
}

function membersOf(declaration: ts.Declaration): readonly ts.NamedDeclaration[] {
  if (ts.isInterfaceDeclaration(declaration)) return declaration.members;
  if (ts.isClassDeclaration(declaration)) return declaration.members;
  if (ts.isTypeAliasDeclaration(declaration) && ts.isTypeLiteralNode(declaration.type)) return declaration.type.members;
  return [];
}

/** A list item for a member with a docstring, and for those of what it holds; what has none is in the signature. */
function memberLine(checker: ts.TypeChecker, member: ts.NamedDeclaration, of = ''): readonly string[] {
  const symbol = member.name && checker.getSymbolAtLocation(member.name);
  if (!symbol || !member.name) return [];
  const text = oneLine(ts.displayPartsToString(symbol.getDocumentationComment(checker)));
  const said = [...(text === '' ? [] : [text]), ...tagLines(symbol.getJsDocTags(checker))];
  const method = ts.isMethodSignature(member) || ts.isMethodDeclaration(member);
  const parameters = method ? `(${member.parameters.map((each) => each.name.getText()).join(', ')})` : '';
  const path = of + member.name.getText();
  const inner = ts.isPropertySignature(member) && member.type && ts.isTypeLiteralNode(member.type) ? member.type : null;
  return [
    ...(said.length > 0 ? [`- \`${path}${parameters}\`: ${said.join(' ')}`] : []),
    ...(inner?.members ?? []).flatMap((each) => memberLine(checker, each, `${path}.`)),
  ];
}

const shownTags: Readonly<Record<string, string>> = { throws: 'Throws', returns: 'Returns', default: 'Default:' };

/** `@param`, `@returns` and `@throws`, each as a sentence. */
function tagLines(tags: readonly ts.JSDocTagInfo[]): readonly string[] {
  return tags.flatMap(({ name, text }) => {
    const said = oneLine(ts.displayPartsToString(text ? [...text] : []));
    if (name === 'param') {
      const [parameter = '', ...rest] = said.split(' ');
      return [`\`${parameter}\`: ${full(rest.join(' ').replace(/^- /, ''))}`];
    }
    const verb = shownTags[name];
    if (verb === undefined) return [];
    const sentence = name === 'throws' ? said.replace(/^[A-Z]\w*Error\b/, '`$&`') : said;
    return [`${verb} ${full(sentence)}`];
  });
}

function paragraphs(symbol: ts.Symbol, checker: ts.TypeChecker): readonly string[] {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
  return text === '' ? [] : text.split(/\n\s*\n/);
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}

function full(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
