/*
 * Preloaded into a worker (NODE_OPTIONS=--import): if the file named by SHORT_OF_MEMORY exists, the device runs out of
 * memory in one call and deletes the file.
 */
import { existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../server/package.json', import.meta.url));
const { InferenceSession } = require('onnxruntime-node');
const { run } = InferenceSession.prototype;

InferenceSession.prototype.run = function (...args) {
  if (!existsSync(process.env.SHORT_OF_MEMORY)) return run.apply(this, args);
  rmSync(process.env.SHORT_OF_MEMORY);
  throw new Error('Failed to allocate memory for requested buffer of size 1677721600');
};
