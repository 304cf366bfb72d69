#!/bin/sh
# The Lowercase step of @huggingface/tokenizers 0.2 turns a capital sigma at the end of a word into another letter than the
# tokenizers library of transformers does (0.23). JavaScript considers the letters around it, that library each letter alone.
# A Greek word in capitals therefore gets other ids than in the training of the text encoder.
# Workaround: server/src/pipeline/tokenizer/tokenizer-differences.ts replaces the letter first.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @huggingface/tokenizers@0.2.0

cat > run.mjs <<'END'
import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';

const tokenizer = new Tokenizer(
  {
    added_tokens: [],
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: null,
    decoder: null,
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: { '[UNK]': 0, '\u03bf\u03b4\u03bf\u03c3': 1, '\u03bf\u03b4\u03bf\u03c2': 2 },
    },
  },
  {},
);
const { version } = JSON.parse(readFileSync('node_modules/@huggingface/tokenizers/package.json', 'utf8'));
console.log('@huggingface/tokenizers', version, 'on Node', process.version);
const { ids, tokens } = tokenizer.encode('\u039f\u0394\u039f\u03a3');
console.log('a word that ends in a capital sigma (U+03A3) is', tokens[0], 'with id', ids[0]);
console.log('expected: id 1, whose last letter is U+03C3; id 2 ends in U+03C2');
process.exitCode = ids[0] === 2 ? 0 : 1;
END
node run.mjs
