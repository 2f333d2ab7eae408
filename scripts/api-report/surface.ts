/** What an entry exports, and what else of its package those declarations name. */
import ts from 'typescript';

export interface ExportedName {
  readonly name: string;
  readonly symbol: ts.Symbol;
  readonly declarations: readonly ts.Declaration[];
  /** A class or function of which only the type is exported. */
  readonly typeOnly: boolean;
}

/** Code units, so that the order is the same on every machine. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** A program over declaration files alone, as an app's compiler sees them. */
export function declarationProgram(files: readonly string[], host?: ts.CompilerHost): ts.Program {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
    types: [],
    skipLibCheck: true,
    noEmit: true,
  };
  return ts.createProgram(files, options, host);
}

/**
 * The exports of a declaration file, by name.
 * @throws Error when the program has no such file, or an export leads nowhere
 */
export function exportedNames(program: ts.Program, file: string): readonly ExportedName[] {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  if (source === undefined) throw new Error(`${file} is missing; run \`pnpm build\` first.`);
  const module = checker.getSymbolAtLocation(source);
  const exported = module === undefined ? [] : checker.getExportsOfModule(module);
  return exported
    .map((own): ExportedName => {
      const symbol = aliased(checker, own);
      const declarations = symbol.declarations ?? [];
      if (declarations.length === 0) throw new Error(`${file} exports '${own.name}', which is declared nowhere.`);
      return { name: own.name, symbol, declarations, typeOnly: isValue(symbol) && exportsTypeOnly(own) };
    })
    .sort(byName);
}

/**
 * What the declarations name, directly or through each other, that is declared under `folder` and not in `exported`: a change of
 * it changes the surface too.
 */
export function reachableNames(
  program: ts.Program,
  from: readonly ExportedName[],
  exported: ReadonlySet<ts.Symbol>,
  folder: string,
): readonly ExportedName[] {
  const checker = program.getTypeChecker();
  const found = new Map<ts.Symbol, ExportedName>();
  const visit = (node: ts.Node): void => {
    const name = namedType(node);
    const symbol = name && checker.getSymbolAtLocation(name);
    if (symbol !== undefined) add(aliased(checker, symbol));
    node.forEachChild(visit);
  };
  const add = (symbol: ts.Symbol): void => {
    if (exported.has(symbol) || found.has(symbol) || symbol.flags & ts.SymbolFlags.TypeParameter) return;
    const declarations = (symbol.declarations ?? []).filter(
      (declaration) =>
        declaration.getSourceFile().fileName.startsWith(`${folder}/`) &&
        (ts.isSourceFile(declaration.parent) || ts.isVariableDeclarationList(declaration.parent)),
    );
    if (declarations.length === 0) return;
    found.set(symbol, { name: symbol.name, symbol, declarations, typeOnly: false });
    declarations.forEach(visit);
  };
  for (const { declarations } of from) declarations.forEach(visit);
  return [...found.values()].sort(byName);
}

function namedType(node: ts.Node): ts.Node | undefined {
  const name = ts.isTypeReferenceNode(node)
    ? node.typeName
    : ts.isImportTypeNode(node)
      ? node.qualifier
      : ts.isTypeQueryNode(node)
        ? node.exprName
        : ts.isExpressionWithTypeArguments(node)
          ? node.expression
          : undefined;
  return name && ts.isQualifiedName(name) ? name.right : name;
}

function aliased(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function isValue(symbol: ts.Symbol): boolean {
  return (symbol.flags & ts.SymbolFlags.Value) !== 0;
}

function exportsTypeOnly(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some(
    (node) => ts.isExportSpecifier(node) && (node.isTypeOnly || node.parent.parent.isTypeOnly),
  );
}
