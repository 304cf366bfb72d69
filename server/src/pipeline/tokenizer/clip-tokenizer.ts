import { join } from 'node:path';
import { END, START, type NamedTokens, type Vocabulary } from './added-tokens.js';
import { ModelError } from '../errors.js';
import { readIfThere } from '../folder/read-file.js';

export interface ClipVocabulary {
  readonly vocab: Vocabulary;
  readonly named: NamedTokens;
}

/**
 * CLIP's tokenizer (Radford et al. 2021) as a tokenizer.json would describe it.
 *
 * @throws ModelError when the folder has no list of merges
 */
export async function clipDescription(dir: string, { vocab, named }: ClipVocabulary) {
  const file = await readIfThere(join(dir, 'merges.txt'));
  if (!file) throw new ModelError(`${dir} has neither tokenizer.json nor merges.txt`);
  const merges = new TextDecoder().decode(file);
  const { bos_token: start = START, eos_token: end = END, unk_token: unknown = END } = named;
  const words = "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";
  return {
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: words }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      cls: [start, vocab.get(start)],
      sep: [end, vocab.get(end)],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      unk_token: unknown,
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      vocab: Object.fromEntries(vocab),
      merges: merges.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#version')),
    },
  };
}
