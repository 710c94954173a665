"""How sure a model is of its answer: the probabilities that it gave to the tokens of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


class TokenConfidence:
    """A logits processor that notes the probability of each token that was chosen, of one batch.

    It stands before all others, and so sees what the model itself says: without temperature,
    grammar or top-p. It keeps the scores of one step, never of all.
    """

    def __init__(self) -> None:
        self._last: torch.Tensor | None = None
        self._chosen: list[torch.Tensor] = []

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Scores and result: (rows, vocabulary); `input_ids` end with the token chosen before."""
        self._note(input_ids)
        self._last = scores.float().log_softmax(dim=-1)
        return scores

    def logarithms(self, output: torch.Tensor) -> list[list[float]]:
        """By row the natural logarithms of the probabilities of all tokens that were made.

        `output` is what was generated, prompts included (rows, tokens).
        """
        self._note(output)
        self._last = None
        steps = [step.tolist() for step in self._chosen]
        return [list(row) for row in zip(*steps, strict=True)]

    def _note(self, input_ids: torch.Tensor) -> None:
        if self._last is not None:
            self._chosen.append(self._last.gather(1, input_ids[:, -1:]).squeeze(1))


def geometric_mean(logarithms: Sequence[float]) -> float | None:
    """Of the probabilities with these logarithms, from 0 to 1; None of no token."""
    return math.exp(math.fsum(logarithms) / len(logarithms)) if logarithms else None
