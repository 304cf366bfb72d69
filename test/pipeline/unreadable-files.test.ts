import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failure } from './load-failure.js';
import { makeModelFolder } from './model-folder-fixture.js';

describe('a folder is refused, and no default stands in,', () => {
  let folder: Awaited<ReturnType<typeof makeModelFolder>>;
  const at = (path: string): string => join(folder.dir, path);

  beforeEach(async () => {
    folder = await makeModelFolder();
  });
  afterEach(() => folder.dispose());

  it.each([
    'unet/model.onnx',
    'scheduler/scheduler_config.json',
    'tokenizer/tokenizer_config.json',
    'vae_decoder/config.json',
    'underpaint.json',
  ])('with a folder in place of %s, which is not the same as without it', async (file) => {
    await rm(at(file), { force: true });
    await mkdir(at(file));
    expect(await failure(folder.dir)).toBe(`${at(file)} cannot be read: it is a folder`);
  });

  it.each([
    ['[]', 'it must be an object'],
    ['null', 'it must be an object'],
    ['{"model_max_length": "77"}', 'model_max_length is "77"; it must be a number'],
    ['{"added_tokens_decoder": []}', 'added_tokens_decoder is []; it must be an object'],
  ])('with %s as tokenizer_config.json', async (text, reason) => {
    const file = at('tokenizer/tokenizer_config.json');
    await writeFile(file, text);
    expect(await failure(folder.dir)).toBe(`${file}: ${reason}`);
  });
});
