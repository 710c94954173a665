"""Logits processors and stopping criteria, which change, watch or end a generation."""

from __future__ import annotations

import importlib.util
import json
import math
import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modellab.core.errors import InputError

if TYPE_CHECKING:
    import torch


class RowSampler:
    """A logits processor that draws each row's token; the search itself stays greedy.

    The token of a row is where its cumulative probability passes a random number, which depends
    only on the row's seed and on how many tokens it has (inverse transform sampling). So a
    request gets the same answer in any batch, on any device, after any restart; and a step costs
    one number per row and not one per token of the vocabulary.
    """

    def __init__(self, seeds: Sequence[int], temperature: float, top_p: float) -> None:
        from transformers import TemperatureLogitsWarper, TopPLogitsWarper

        self._generators = [random.Random(seed) for seed in seeds]  # noqa: S311
        self._temperature = TemperatureLogitsWarper(temperature)
        self._top_p = TopPLogitsWarper(top_p) if top_p < 1 else None

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Scores and result: (rows, vocabulary); all but the token drawn are -infinity."""
        import torch

        scores = self._temperature(input_ids, scores)
        if self._top_p is not None:
            scores = self._top_p(input_ids, scores)
        # sums over 150,000 tokens need double precision, if available
        precise = torch.float32 if scores.device.type == "mps" else torch.float64
        sums = scores.float().softmax(dim=-1).cumsum(dim=-1, dtype=precise)
        numbers = [[generator.random()] for generator in self._generators]
        points = torch.tensor(numbers, dtype=precise).to(scores.device) * sums[:, -1:]
        drawn = torch.searchsorted(sums, points, right=True).clamp_max(sums.shape[-1] - 1)
        return torch.full_like(scores, -math.inf).scatter_(1, drawn, 0.0)


class TokenConfidence:
    """A logits processor that notes the probability of each token that was chosen, of one batch.

    It comes before all others, and so sees what the model itself says: without temperature,
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
        """By row the log probabilities of all generated tokens.

        `output` is what was generated, prompts included (rows, tokens).
        """
        import torch

        self._note(output)
        found: list[list[float]] = torch.stack(self._chosen, dim=1).tolist()
        return found

    def _note(self, input_ids: torch.Tensor) -> None:
        if self._last is not None:
            self._chosen.append(self._last.gather(1, input_ids[:, -1:]).squeeze(1))


def geometric_mean(logarithms: Sequence[float]) -> float | None:
    """The geometric mean of probabilities by their logarithms; None without tokens."""
    return math.exp(math.fsum(logarithms) / len(logarithms)) if logarithms else None


class JsonGrammar:
    """A JSON schema compiled for a tokenizer, once; each batch takes a new processor.

    `vocabulary` is the width of the model's scores, which may be more than the tokenizer has;
    `ends` are the tokens that end an answer. Raises InputError when xgrammar is not installed or
    cannot use the schema.
    """

    def __init__(
        self, tokenizer: Any, vocabulary: int, ends: Sequence[int], schema: Mapping[str, Any]
    ) -> None:
        if importlib.util.find_spec("xgrammar") is None:
            raise InputError(
                "answer_format: json_schema needs the package xgrammar; "
                "run: pip install -c constraints.txt -e '.[constrained]'"
            )
        import xgrammar

        info = xgrammar.TokenizerInfo.from_huggingface(
            tokenizer, vocab_size=vocabulary, stop_token_ids=list(ends)
        )
        try:
            # a fixed layout, as weak models may write spaces until their tokens run out
            self._grammar = xgrammar.GrammarCompiler(info).compile_json_schema(
                json.dumps(schema), any_whitespace=False
            )
        except RuntimeError as error:
            raise InputError(f"the task's JSON schema cannot constrain answers: {error}") from None

    def processor(self) -> Any:
        """A logits processor for one batch; it keeps each row's place in the grammar."""
        from xgrammar.contrib.hf import LogitsProcessor

        return LogitsProcessor(self._grammar)


def cut_at(text: str, stops: Sequence[str]) -> str | None:
    """The text before the first of the stop texts in it; None where none is in it."""
    found = [position for stop in stops if (position := text.find(stop)) >= 0]
    return text[: min(found)] if found else None


class StopTexts:
    """A stopping criterion for the new tokens of each row (not for those of the prompt).

    A row is decoded only when its last token has the last character of a stop text. `candidates`
    keeps from batch to batch which tokens have; `lengths` says after how many new tokens rows
    ended. Prompts are `width` tokens wide.
    """

    def __init__(
        self, tokenizer: Any, stops: Sequence[str], width: int, candidates: dict[int, bool]
    ) -> None:
        self._tokenizer = tokenizer
        self._stops = stops
        self._width = width
        self._candidates = candidates
        self.lengths: dict[int, int] = {}

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        """`input_ids`: (rows, prompt and new tokens). Result: (rows,), true where a row ends."""
        import torch

        for row, token in enumerate(input_ids[:, -1].tolist()):
            if row in self.lengths or not self._is_candidate(token):
                continue
            tokens = input_ids[row, self._width :].tolist()
            text = self._tokenizer.decode(tokens, skip_special_tokens=True)
            if cut_at(text, self._stops) is not None:
                self.lengths[row] = len(tokens)
        ended = [row in self.lengths for row in range(len(input_ids))]
        return torch.tensor(ended, device=input_ids.device)

    def _is_candidate(self, token: int) -> bool:
        """Whether a token may bring the last character of a stop text.

        A piece of a longer character decodes to U+FFFD, and some tokenizers drop a lone token's
        leading space: such tokens may always end it.
        """
        if token not in self._candidates:
            piece = self._tokenizer.decode([token])
            ends = (stop[-1] for stop in self._stops)
            self._candidates[token] = "\ufffd" in piece or any(e in piece or e == " " for e in ends)
        return self._candidates[token]
