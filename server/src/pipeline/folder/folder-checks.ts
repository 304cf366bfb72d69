import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import * as v from 'valibot';
import { ModelError } from '../errors.js';
import { exists, graphRoot } from './graph-folders.js';
import { className, record } from '../fields.js';
import { failToRead } from './read-file.js';
import { readJson } from './read-json.js';

/*
 * Recognises folders and files that are not models for this service, so that each gets its own remedy.
 */

/** @throws ModelError that describes the folder or file if it is not a model */
export async function requireModelFolder(dir: string): Promise<void> {
  const found = await stat(dir).catch(() => undefined);
  if (!found) throw new ModelError(`there is no model folder ${dir}`);
  if (!found.isDirectory()) throw new ModelError(describeFile(dir));
  const entries = await readdir(dir).catch(failToRead(dir));
  if (await exists(join(await graphRoot(dir), 'unet'))) return;
  throw new ModelError(`${dir} ${await describeOther(dir, entries)}`);
}

function describeFile(path: string): string {
  if (/\.(safetensors|ckpt|pt|bin)$/.test(path)) {
    return `${path} is a checkpoint: ${CONVERT}`;
  }
  return `${path} is a file; a model is a folder with unet/, vae_decoder/ and so on`;
}

const CONVERT = 'convert it into a folder of ONNX graphs with models/export';
const WEIGHTS_OF_A_LORA = ['pytorch_lora_weights.safetensors', 'adapter_config.json'];

/** Continues a sentence that begins with the folder's path. */
async function describeOther(dir: string, entries: readonly string[]): Promise<string> {
  const className = await classNameOf(dir);
  if (WEIGHTS_OF_A_LORA.some((name) => entries.includes(name))) {
    return 'is a LoRA: fuse it with its base model, with models/export';
  }
  if (/ControlNet/.test(className)) return 'is a ControlNet, an addition to a model: ControlNets are not served';
  if (entries.includes('transformer')) {
    return `is ${className || 'a model'} with a transformer in place of a UNet: such models are not served`;
  }
  if (/^UNet/.test(className)) return 'is a UNet alone: name the folder that has it as unet/';
  const hasMore = entries.includes('text_encoder') || entries.includes('scheduler');
  if ((entries.includes('vae_decoder') && !hasMore) || /^Autoencoder/.test(className)) {
    return 'is an autoencoder alone: name a model with --model, and this folder with --vae';
  }
  if (className && !hasMore)
    return `is ${className}, which is not served: underpaint serves models with unet/model.onnx`;
  if (entries.some((name) => name.endsWith('.gguf'))) return 'is a language model (GGUF): it makes no pictures';
  if (entries.some((name) => /\.(safetensors|ckpt)$/.test(name))) {
    return `has only a checkpoint: ${CONVERT}`;
  }
  return 'is not a complete model: unet/model.onnx is missing';
}

const classNames = record({
  _class_name: v.optional(className()),
  architectures: v.optional(className()),
});

/** The class that `config.json` or `model_index.json` names, as diffusers or transformers write it. */
async function classNameOf(dir: string): Promise<string> {
  for (const file of ['model_index.json', 'config.json']) {
    const found = await readJson(join(dir, file), classNames, {}).catch(() => undefined);
    const name = found?._class_name ?? found?.architectures;
    if (name && /^\w{1,80}$/.test(name)) return name;
  }
  return '';
}

/**
 * All files of a model must be in its folder. ONNX Runtime refuses weights behind a link that leads out, and a downloaded
 * folder must not choose which files of this machine are read.
 *
 * @throws ModelError with the first link that leads out
 */
export async function refuseLinksOut(dir: string): Promise<void> {
  const root = await realpath(dir).catch(() => {
    throw new ModelError(`there is no model folder ${dir}`);
  });
  const links = await Promise.all([...new Set([dir, await graphRoot(dir)])].map((folder) => linksIn(folder, 1)));
  for (const path of links.flat()) {
    const target = await realpath(path).catch(() => {
      throw new ModelError(`${path} is a link to a file that is not there: fetch the model again`);
    });
    if (relative(root, target).split(sep)[0] !== '..') continue;
    throw new ModelError(`${path} is a link that leads out of the folder: copy the files themselves, with cp -rL`);
  }
}

async function linksIn(dir: string, depth: number): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(failToRead(dir));
  const links = entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => join(dir, name));
  const folders = entries.filter((entry) => entry.isDirectory() && depth > 0);
  const below = await Promise.all(folders.map(({ name }) => linksIn(join(dir, name), depth - 1)));
  return [...links, ...below.flat()];
}
