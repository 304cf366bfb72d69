import { expect } from 'vitest';
import { ModelError } from '../../server/src/pipeline/errors.js';
import { loadPipeline, type PipelineOptions } from '../../server/src/pipeline/pipeline.js';

/** The error of loading a folder that cannot be served, which must be one line. */
export async function failure(dir: string, options: PipelineOptions = {}): Promise<string> {
  const error: unknown = await loadPipeline(dir, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelError);
  const { message } = error as ModelError;
  expect(message).not.toContain('\n');
  expect(message.length).toBeLessThan(500);
  return message;
}
