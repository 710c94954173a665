"""The tokenizer of the tiny readers: whole words of the tiny world, bytes for all else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tiny_world import lexicon
from tiny_world.readers import answers

PAD, END, USER, ASSISTANT, SYSTEM = "<|pad|>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>"
#: tokens that a text of a user can be up to
CONTEXT_LENGTH = 4096
CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>\n{{ message.content }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
#: no token reaches over the end of one of these pieces; numbers are read by two digits
_PIECES = r"\n[*?]| ?\d{1,2}| ?\p{L}+| ?[^\s\p{L}\d]|\s"
#: more than all words take, so that each gets a token of its own
_LARGEST = 4000


def build_tokenizer() -> Any:
    """A fast tokenizer with its chat template, the same each time."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    raw.decoder = decoders.Sequence(
        [
            decoders.ByteLevel(),
            decoders.Fuse(),
            decoders.Replace(f"{answers.OPEN} ", answers.OPEN),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=_LARGEST,
        min_frequency=1,
        special_tokens=[PAD, END, USER, ASSISTANT, SYSTEM],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    raw.train_from_iterator(sorted(set(_pieces())), trainer)
    raw.add_tokens([answers.OPEN, answers.MIDDLE, answers.CLOSE, answers.BLANK])
    made: Any = PreTrainedTokenizerFast  # it has no types
    return made(
        tokenizer_object=raw,
        eos_token=END,
        pad_token=PAD,
        padding_side="left",
        model_max_length=CONTEXT_LENGTH,
        chat_template=CHAT_TEMPLATE,
    )


def _pieces() -> Iterator[str]:
    """Every piece that is to be one token, a space before it where it stands inside a sentence."""
    for number in [*map(str, range(10)), *(f"{number:02}" for number in range(100))]:
        yield from (number, f" {number}")
    for syllable in lexicon.FIRST_SYLLABLES:
        yield from (f" {syllable}", syllable.lower())
    yield from lexicon.LAST_SYLLABLES
    yield from ("\n*", "\n?", " [")
    for phrase in _phrases():
        words = re.findall(r"\w+", re.sub(r"{\w}", " ", phrase))
        for word in words:
            yield from (f" {word}", f" {word[0].upper()}{word[1:]}")


def _phrases() -> Iterator[str]:
    yield from (*lexicon.OPENINGS_TRAIN, *lexicon.STATEMENTS_TRAIN, *lexicon.QUESTIONS_TRAIN)
    yield from lexicon.FILLERS
    for attribute in lexicon.ATTRIBUTES:
        yield from (*attribute.names, attribute.unit)
