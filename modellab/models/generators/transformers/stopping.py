"""Texts that end an answer, found without decoding each row at each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def cut_at(text: str, stops: Sequence[str]) -> str | None:
    """The text before the first of the stop texts in it; None where none is in it."""
    found = [position for stop in stops if (position := text.find(stop)) >= 0]
    return text[: min(found)] if found else None


class StopTexts:
    """A stopping criterion for the new tokens of each row (not for those of the prompt).

    A row is decoded only when its last token has the last character of a stop text. `judged`
    keeps from batch to batch which tokens have; `lengths` tells after how many new tokens rows
    ended. Prompts are `width` tokens wide.
    """

    def __init__(
        self, tokenizer: Any, stops: Sequence[str], width: int, judged: dict[int, bool]
    ) -> None:
        self._tokenizer = tokenizer
        self._stops = stops
        self._width = width
        self._judged = judged
        self.lengths: dict[int, int] = {}

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        """`input_ids`: (rows, prompt and new tokens). Result: (rows,), true where a row ends."""
        import torch

        for row, token in enumerate(input_ids[:, -1].tolist()):
            if row not in self.lengths and self._is_candidate(token):
                self._check(row, input_ids[row, self._width :].tolist())
        ended = [row in self.lengths for row in range(len(input_ids))]
        return torch.tensor(ended, device=input_ids.device)

    def _check(self, row: int, tokens: Sequence[int]) -> None:
        text = self._tokenizer.decode(tokens, skip_special_tokens=True)
        if cut_at(text, self._stops) is not None:
            self.lengths[row] = len(tokens)

    def _is_candidate(self, token: int) -> bool:
        if token not in self._judged:
            piece = self._tokenizer.decode([token])
            self._judged[token] = any(_may_end(piece, stop) for stop in self._stops)
        return self._judged[token]


def _may_end(piece: str, stop: str) -> bool:
    """Whether a token may bring the last character of a stop text.

    A piece of a longer character decodes to U+FFFD, and some tokenizers drop a lone token's
    leading space: such tokens may always end it.
    """
    return stop[-1] in piece or "\ufffd" in piece or stop[-1] == " "
