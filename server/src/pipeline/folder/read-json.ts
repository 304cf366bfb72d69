import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { ModelError } from '../errors.js';
import { explain } from '../fields.js';
import { parsePythonJson } from './python-json.js';

/**
 * Reads a JSON file of a model folder.
 *
 * @param fallback what it is taken to say when there is no such file; without it that is an error
 * @throws ModelError when the file is missing, is no JSON, or has a field that is not allowed
 */
export async function readJson<Schema extends v.GenericSchema>(
  path: string,
  schema: Schema,
  fallback?: unknown,
): Promise<v.InferOutput<Schema>> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    if (fallback !== undefined) return checkFields(schema, fallback, path);
    throw new ModelError(`${path} is missing`, { cause });
  }
  return checkFields(schema, parseJson(decodeText(bytes, path), path), path);
}

/**
 * @param source where the value comes from, for the message
 * @throws ModelError naming the first field that is not allowed, its value, and what is
 */
export function checkFields<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  source: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new ModelError(`${source}: ${explain(result.issues[0])}`);
}

/** A byte order mark of UTF-8, which some editors write, is left out. */
function decodeText(bytes: Uint8Array, path: string): string {
  const [first = 0, second = 0] = bytes;
  if (first + second === 0xff + 0xfe && first >= 0xfe) {
    throw new ModelError(`${path} is written in UTF-16: save it as UTF-8`);
  }
  return new TextDecoder().decode(bytes);
}

function parseJson(text: string, path: string): unknown {
  try {
    return parsePythonJson(text);
  } catch (cause) {
    throw new ModelError(`${path} is not JSON: is it cut short?`, { cause });
  }
}
