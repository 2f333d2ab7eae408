/** One declaration as text: no comments, nothing private, names instead of import paths. */
import ts from 'typescript';

const printer = ts.createPrinter({ removeComments: true });

/**
 * @param name under which it is exported, which may differ from the declared one
 * @param exported whether the text begins with `export`
 */
export function declarationText(declaration: ts.Declaration, name: string, exported: boolean): string {
  const source = declaration.getSourceFile();
  const { transformed } = ts.transform(declaration as ts.Node, [publicPart]);
  const print = (node: ts.Node) => printer.printNode(ts.EmitHint.Unspecified, node, source).trim();
  const node = transformed[0];
  const prefix = exported ? 'export ' : '';
  if (node === undefined) throw new Error(`'${name}' has no public declaration.`);
  if (ts.isVariableDeclaration(node)) {
    const type = node.type ? `: ${print(node.type)}` : '';
    return `${prefix}const ${name}${type}${node.initializer ? ` = ${print(node.initializer)}` : ''};`;
  }
  const text = print(node).replace(/^(?:(?:export|declare|default)\s+)+/, '');
  const declared = ts.getNameOfDeclaration(declaration)?.getText(source);
  const renamed = declared === undefined || declared === name ? text : text.replace(declared, name);
  return prefix + renamed;
}

/**
 * Drops private members, the initial `import("…").` of a type that the compiler inferred, and how a function takes its parameter
 * apart, which no caller sees.
 */
const publicPart: ts.TransformerFactory<ts.Node> = (context) => (root) => {
  const visit = (node: ts.Node): ts.Node | undefined => {
    if (ts.isClassElement(node) && isPrivate(node)) return undefined;
    if (ts.isParameter(node) && !ts.isIdentifier(node.name)) {
      const { modifiers, dotDotDotToken, questionToken, type } = node;
      const whole = ts.visitNode(type, visit, ts.isTypeNode);
      return context.factory.createParameterDeclaration(modifiers, dotDotDotToken, nameFor(type), questionToken, whole);
    }
    if (ts.isImportTypeNode(node) && node.qualifier && !node.isTypeOf) {
      const visited = ts.visitEachChild(node, visit, context);
      return context.factory.createTypeReferenceNode(node.qualifier, visited.typeArguments);
    }
    return ts.visitEachChild(node, visit, context);
  };
  return visit(root) ?? root;
};

/** 'history' for a `History`, 'options' for `SearchOptions`, 'props' alike, 'input' for a type without a name of its own. */
function nameFor(type: ts.TypeNode | undefined): string {
  if (!type || !ts.isTypeReferenceNode(type) || !ts.isIdentifier(type.typeName) || type.typeArguments) return 'input';
  const { text } = type.typeName;
  return /(?:Options|Props)$/.exec(text)?.[0].toLowerCase() ?? text[0].toLowerCase() + text.slice(1);
}

function isPrivate(member: ts.ClassElement): boolean {
  if (member.name && ts.isPrivateIdentifier(member.name)) return true;
  return (
    ts.canHaveModifiers(member) && !!ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)
  );
}
