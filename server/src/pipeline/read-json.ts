import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { ModelError } from './errors.js';

/**
 * Reads a JSON file of a model folder.
 *
 * @param fallback given back when there is no such file; without it that is an error
 * @throws ModelError when the file is missing, is no JSON, or has a field of the wrong type
 */
export async function readJson<Schema extends v.GenericSchema>(
  path: string,
  schema: Schema,
  fallback?: v.InferOutput<Schema>,
): Promise<v.InferOutput<Schema>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (fallback !== undefined) return fallback;
    throw new ModelError(`${path} is missing`, { cause });
  }
  const result = v.safeParse(schema, parseJson(text, path));
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new ModelError(`${path}: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelError(`${path} is not JSON: is it cut short?`, { cause });
  }
}
