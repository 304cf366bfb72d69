#!/bin/sh
# @huggingface/tokenizers 0.2 finds added tokens inside words even if the tokenizer says single_word.
# The tokenizers library of transformers (0.23) returns "sks" and "sksy" for the same tokenizer.json and text.
# Workaround: server/src/pipeline/tokenizer/token-splitter.ts finds added tokens itself.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @huggingface/tokenizers@0.2.0

cat > run.mjs <<'END'
import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';

const token = { id: 2, content: 'sks', single_word: true, lstrip: false, rstrip: false, normalized: false, special: false };
const tokenizer = new Tokenizer(
  {
    added_tokens: [token],
    normalizer: null,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: null,
    decoder: null,
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: { '[UNK]': 0, sksy: 1 },
    },
  },
  {},
);
const { version } = JSON.parse(readFileSync('node_modules/@huggingface/tokenizers/package.json', 'utf8'));
console.log('@huggingface/tokenizers', version, 'on Node', process.version);
const seen = tokenizer.encode('sks sksy').tokens.join(' | ');
console.log('"sks sksy" is', seen, '(expected: sks | sksy)');
process.exitCode = seen === 'sks | sks | [UNK]' ? 0 : 1;
END
node run.mjs
