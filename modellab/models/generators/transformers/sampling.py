"""Sampling that does not depend on what else is in the batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


class RowSampler:
    """A logits processor that draws each row's token with a random generator of its own.

    It adds Gumbel noise, so that the largest score is a sample of the softmax (the Gumbel-max
    trick); the search itself stays greedy. The same request thus gets the same answer in any
    batch, after any restart.
    """

    def __init__(self, seeds: Sequence[int], temperature: float, top_p: float) -> None:
        import torch
        from transformers import TemperatureLogitsWarper, TopPLogitsWarper

        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self._temperature = TemperatureLogitsWarper(temperature)
        self._top_p = TopPLogitsWarper(top_p) if top_p < 1 else None

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Scores and result: (rows, vocabulary)."""
        import torch

        scores = self._temperature(input_ids, scores)
        if self._top_p is not None:
            scores = self._top_p(input_ids, scores)
        size = scores.shape[-1]
        uniform = torch.stack(
            [torch.rand(size, generator=generator) for generator in self._generators]
        ).clamp_min(torch.finfo(torch.float32).tiny)
        noise = -torch.log(-torch.log(uniform))
        return scores + noise.to(device=scores.device, dtype=scores.dtype)
