"""Word vectors to start with: names of one attribute lie close, words without meaning are nil."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tiny_world import lexicon

if TYPE_CHECKING:
    import torch

#: how much a word has of its own beside the attributes it names
_OWN = 0.4


def word_vectors(tokenizer: Any, size: int) -> torch.Tensor:
    """(tokens, size), rows of length one or, for words that tell nothing apart, of length nil."""
    import torch

    vectors = torch.nn.functional.normalize(torch.randn(len(tokenizer), size), dim=1)
    for token in _meaningless(tokenizer):
        vectors[token] = 0.0
    named = torch.nn.functional.normalize(torch.randn(len(lexicon.ATTRIBUTES), size), dim=1)
    meanings: dict[int, list[torch.Tensor]] = {}
    for attribute, vector in zip(lexicon.ATTRIBUTES, named, strict=True):
        for token in {token for name in attribute.names for token in _ids(tokenizer, f" {name}")}:
            meanings.setdefault(token, []).append(vector)
    for token, shared in meanings.items():
        own = torch.nn.functional.normalize(torch.randn(size), dim=0) * _OWN
        vectors[token] = torch.nn.functional.normalize(sum(shared, own), dim=0)
    return vectors


def _meaningless(tokenizer: Any) -> list[int]:
    """Tokens of phrasings, filler words and signs, but for words that name attributes."""
    phrases = (*lexicon.OPENINGS_TRAIN, *lexicon.STATEMENTS_TRAIN, *lexicon.QUESTIONS_TRAIN)
    text = re.sub(r"{\w}", " ", " ".join((*phrases, *lexicon.FILLERS)))
    words = {f" {form}" for word in re.findall(r"\w+", text) for form in (word, word.capitalize())}
    signs = {"\n*", "\n?", *" .,:?[]", " [", *tokenizer.all_special_tokens}
    return sorted({token for piece in words | signs for token in _ids(tokenizer, piece)})


def _ids(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def value_starts(tokenizer: Any) -> list[int]:
    """Tokens that begin a number inside a sentence."""
    numbers = [*map(str, range(10)), *(f"{number:02}" for number in range(100))]
    return [_ids(tokenizer, f" {number}")[0] for number in numbers]
