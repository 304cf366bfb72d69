"""The tokenizer and the text encoder: CLIP's forms at a hundredth of its size."""

import random
import re
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel

from ..errors import TrainingError

TOKENS = 32
START, END = "<|startoftext|>", "<|endoftext|>"
WIDTH = 128
VOCABULARY = 1200
WORD_SIZE = 0.5
"""Deviation that the embeddings of words begin with."""


def train_tokenizer(captions: list) -> Tokenizer:
    """Byte-level BPE in CLIP's form. Every byte is a token of its own, so no text is unknown."""
    tokenizer = Tokenizer(models.BPE(continuing_subword_prefix="", end_of_word_suffix="</w>", unk_token=END))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    words = rf"{re.escape(START)}|{re.escape(END)}|'s|'t|'re|'ve|'m|'ll|'d|[\p{{L}}]+|[\p{{N}}]|[^\s\p{{L}}\p{{N}}]+"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(words), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    special = [START, END, *(letter + "</w>" for letter in alphabet)]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=special,
        initial_alphabet=alphabet,
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    tokenizer.train_from_iterator(captions, trainer)
    # Single bytes at the end of a word had to be in the vocabulary; they are ordinary tokens, not special ones.
    plain = Tokenizer.from_str(_without_specials(tokenizer.to_str(), keep=[START, END]))
    plain.decoder = decoders.ByteLevel()
    ids = [plain.token_to_id(token) for token in (START, END)]
    plain.post_processor = processors.RobertaProcessing(
        (END, ids[1]), (START, ids[0]), trim_offsets=False, add_prefix_space=False
    )
    return plain


def _without_specials(text: str, keep: list) -> str:
    import json

    description = json.loads(text)
    description["added_tokens"] = [token for token in description["added_tokens"] if token["content"] in keep]
    return json.dumps(description)


def tokenize(tokenizer: Tokenizer, captions: list) -> Tensor:
    """Token ids [B, 32]: start, text cut to fit, end, and ends as padding."""
    end = tokenizer.token_to_id(END)
    if end is None:
        raise TrainingError("the tokenizer has no end token; run encode again")
    rows: list[list[int]] = []
    for ids in (encoding.ids for encoding in tokenizer.encode_batch(captions)):
        rows.append(ids[: TOKENS - 1] + [end] * (TOKENS - min(len(ids), TOKENS - 1)))
    return torch.tensor(rows)


def make_text_encoder(tokenizer: Tokenizer) -> CLIPTextModel:
    """hidden 128, 3 layers, 4 heads, 32 tokens. Attention is plain, whose way back is faster than the fused one's."""
    encoder = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=tokenizer.get_vocab_size(),
            hidden_size=WIDTH,
            intermediate_size=4 * WIDTH,
            projection_dim=WIDTH,
            num_hidden_layers=3,
            num_attention_heads=4,
            max_position_embeddings=TOKENS,
            hidden_act="quick_gelu",
            attn_implementation="eager",
            bos_token_id=tokenizer.token_to_id(START),
            eos_token_id=tokenizer.token_to_id(END),
            pad_token_id=tokenizer.token_to_id(END),
        )
    )
    # With CLIP's start, words are so small beside the output of the layers that all captions look alike. A UNet that
    # reads nothing from them never changes that.
    for name, parameter in encoder.named_parameters():
        if name.endswith("token_embedding.weight"):
            torch.nn.init.normal_(parameter, std=WORD_SIZE)
    return encoder


def load_tokenizer(path: Path) -> Tokenizer:
    if not path.exists():
        raise TrainingError(f"{path} does not exist; run encode first")
    return Tokenizer.from_file(str(path))


def worsen(caption: str, rng: random.Random) -> str:
    """A caption as a hurried person types it: words left out, now and then a slip of the finger."""
    words = [word for word in re.split(r"(\W+)", caption) if word]
    if rng.random() < 0.35:
        words = [word for word in words if not word.isalpha() or rng.random() > 0.25]
    if rng.random() < 0.15:
        at = rng.randrange(len(words)) if words else 0
        if words and len(words[at]) > 3:
            i = rng.randrange(len(words[at]) - 1)
            w = words[at]
            words[at] = w[:i] + w[i + 1] + w[i] + w[i + 2 :] if rng.random() < 0.5 else w[:i] + w[i + 1 :]
    return "".join(words).strip(" ,")
