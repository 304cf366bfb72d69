import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Import {
  readonly from: string;
  /** A path from the root, or the name of a package or of a module of Node. */
  readonly to: string;
  readonly typeOnly: boolean;
}

export interface FunctionSize {
  readonly name: string;
  /** `test` is the body of an `it`, `suite` of a `describe` or of a
   * function that calls `it`, `callback` of any other function without a name. */
  readonly kind: 'named' | 'callback' | 'test' | 'suite';
  readonly file: string;
  /** From the first line of its signature to its last brace. */
  readonly lines: number;
}

export interface SourceFile {
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly functions: readonly FunctionSize[];
}

/** TypeScript files below `folders`, parsed; paths are from the root of the repository. */
export function readSources(folders: readonly string[]): SourceFile[] {
  const paths = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  return paths.filter((path) => path.endsWith('.ts')).map(readSource);
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  const functions: FunctionSize[] = [];
  const visit = (node: ts.Node): void => {
    const found = readImport(node);
    if (found !== undefined) imports.push({ from: path, ...found, to: resolve(path, found.to) });
    if (isFunction(node)) functions.push({ ...describeFunction(node), file: path, lines: countLines(file, node) });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { path, lines: text.split('\n').length - 1, imports, functions };
}

function resolve(from: string, target: string): string {
  if (!target.startsWith('.')) return target;
  return relative(root, join(root, dirname(from), target.replace(/\.js$/, '.ts')));
}

/** The module named by `import`, `export from`, `import()` or `import('x').Type`. */
function readImport(node: ts.Node): Omit<Import, 'from'> | undefined {
  if (ts.isImportDeclaration(node)) return named(node.moduleSpecifier, isTypeOnly(node.importClause));
  if (ts.isExportDeclaration(node)) return named(node.moduleSpecifier, node.isTypeOnly);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return named(node.argument.literal, true);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return named(node.arguments[0], false);
  }
  return undefined;
}

function named(target: ts.Node | undefined, typeOnly: boolean): Omit<Import, 'from'> | undefined {
  return target !== undefined && ts.isStringLiteralLike(target) ? { to: target.text, typeOnly } : undefined;
}

/** `import type X`, and `import { type X, type Y }`, which loads nothing either. */
function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  if (clause.name !== undefined || bindings === undefined || !ts.isNamedImports(bindings)) return false;
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}

type AnyFunction = ts.FunctionLikeDeclaration & { readonly body: ts.Node };

function isFunction(node: ts.Node): node is AnyFunction {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

function describeFunction(node: AnyFunction): Pick<FunctionSize, 'name' | 'kind'> {
  if (ts.isFunctionDeclaration(node) && /\n +(it|describe)\b[.(]/.test(node.body.getText())) {
    return { name: node.name?.text ?? '', kind: 'suite' };
  }
  if (ts.isConstructorDeclaration(node)) return { name: 'constructor', kind: 'named' };
  const name = node.name ?? (isNaming(node.parent) ? node.parent.name : undefined);
  if (name !== undefined) return { name: name.getText(), kind: 'named' };
  const called = ts.isCallExpression(node.parent) ? node.parent.expression.getText() : '';
  const kind = /^it\b/.test(called) ? 'test' : /^describe\b/.test(called) ? 'suite' : 'callback';
  return { name: `a function given to ${called.slice(0, 40)}`, kind };
}

function isNaming(node: ts.Node): node is ts.VariableDeclaration | ts.PropertyDeclaration | ts.PropertyAssignment {
  return ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node) || ts.isPropertyAssignment(node);
}

function countLines(file: ts.SourceFile, node: ts.Node): number {
  const line = (position: number) => file.getLineAndCharacterOfPosition(position).line;
  return line(node.end) - line(node.getStart(file)) + 1;
}
