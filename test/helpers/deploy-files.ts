import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

export const DEPLOY = fileURLToPath(new URL('../../deploy', import.meta.url));

/** A part of a YAML or JSON file. */
export type Tree = { readonly [key: string]: Tree } & readonly Tree[] & string;

/** The text of a file in `deploy`. */
export function deployFile(path: string): string {
  return readFileSync(join(DEPLOY, path), 'utf8');
}

/** The documents of a YAML file in `deploy`. */
export function documentsOf(path: string): Tree[] {
  return parseAllDocuments(deployFile(path), { merge: true }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    return document.toJS() as Tree;
  });
}

/** The YAML files in a folder of `deploy`, from there. */
export function yamlFiles(folder: string): string[] {
  return readdirSync(join(DEPLOY, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => relative(DEPLOY, join(DEPLOY, folder, name)));
}

/** The values of a key anywhere below. */
export function valuesOf(tree: unknown, key: string): Tree[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([name, value]) => [
    ...(name === key ? [value as Tree] : []),
    ...valuesOf(value, key),
  ]);
}
