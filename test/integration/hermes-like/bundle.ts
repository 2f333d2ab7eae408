/** Bundles a script as Metro does for a React Native app: one file, dynamic imports inlined, the packages' browser files. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * A classic script that leaves the entry's exports in a global of that name. What is newer than Hermes' syntax is lowered, as an app's Babel
 * preset does.
 * @throws an error on any warning too
 */
export async function bundleForHermes(entry: string, globalName: string): Promise<string> {
  const { outputFiles, warnings } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    format: 'iife',
    globalName,
    // Of esbuild's platforms, the one that follows the `browser` field, which Metro does.
    platform: 'browser',
    mainFields: ['react-native', 'browser', 'module', 'main'],
    conditions: ['source', 'react-native', 'import'],
    target: 'es2020',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    write: false,
    logLevel: 'silent',
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'));
  return outputFiles[0].text;
}

export interface Syntax {
  readonly regularExpressions: readonly string[];
  readonly dynamicImports: number;
}

/** What stands in a script of that which engines differ in. */
export function syntaxOf(script: string): Syntax {
  const regularExpressions: string[] = [];
  let dynamicImports = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) regularExpressions.push(node.text);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) dynamicImports++;
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('bundle.js', script, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS));
  return { regularExpressions, dynamicImports };
}

/**
 * What a regular expression asks for that Hermes does not have, or has not in every version that is in use: properties of Unicode, the
 * flags v and d, modifiers of a part. Look-behind and named groups it has.
 */
export function beyondHermes(literal: string): string | null {
  const end = literal.lastIndexOf('/');
  const [source, flags] = [literal.slice(1, end), literal.slice(end + 1)];
  if (/[vd]/.test(flags)) return `flag in ${literal}`;
  if (/(?<!\\)(?:\\\\)*\\p\{/iu.test(source) && flags.includes('u')) return `property of Unicode in ${literal}`;
  if (/\(\?[ims-]+:/.test(source)) return `modifier in ${literal}`;
  return null;
}
