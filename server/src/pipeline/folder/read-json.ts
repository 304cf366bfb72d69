import * as v from 'valibot';
import { ModelError } from '../errors.js';
import { explain } from '../fields.js';
import { parsePythonJson } from './python-json.js';
import { readIfThere } from './read-file.js';

/**
 * Reads a JSON file of a model folder.
 *
 * @param fallback stands in for a missing file; without it that is an error
 * @throws ModelError when the file is missing, cannot be read, is no JSON, or has a field that is not allowed
 */
export async function readJson<Schema extends v.GenericSchema>(
  path: string,
  schema: Schema,
  fallback?: unknown,
): Promise<v.InferOutput<Schema>> {
  const bytes = await readIfThere(path);
  if (bytes) return checkFields(schema, parseJson(decodeText(bytes, path), path), path);
  if (fallback === undefined) throw new ModelError(`${path} is missing`);
  return checkFields(schema, fallback, path);
}

/**
 * @param source the file, for the message
 * @throws ModelError with the first field that is not allowed, its value, and the values that are
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

/** Removes the byte order mark that some editors write. */
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
