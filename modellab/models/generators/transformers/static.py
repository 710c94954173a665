"""Static batches within a token budget, which shrinks when memory runs out."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from modellab.core.fingerprint import digest
from modellab.core.records import Response
from modellab.models.generators.transformers.generation import Generated, RowMaker
from modellab.models.generators.transformers.loading_errors import first_line
from modellab.models.generators.transformers.memory import GB, DeviceMemory, is_out_of_memory
from modellab.models.generators.transformers.reading import Prompt
from modellab.models.generators.transformers.user_cache import Remembered

log = logging.getLogger(__name__)


def plan_batches(lengths: Sequence[int], new_tokens: int, budget: int) -> list[list[int]]:
    """Split prompts into batches of `(longest + new_tokens) * size <= budget` tokens.

    Returns rows of `lengths`, each once. Longest first: neighbours have nearly the same length,
    so little is padded, and a batch that does not fit shows at once. A prompt that is over the
    budget alone is a batch of one.
    """
    order = sorted(range(len(lengths)), key=lambda row: (-lengths[row], row))
    batches: list[list[int]] = []
    for row in order:
        longest = lengths[batches[-1][0]] if batches else 0
        if batches and (longest + new_tokens) * (len(batches[-1]) + 1) <= budget:
            batches[-1].append(row)
        else:
            batches.append([row])
    return batches


class TokenBudget:
    """The tokens in one batch, padding included; halved when memory runs out, and remembered.

    `circumstances` (plain JSON: weights, dtype, quantization, device, limit) tell which runs
    the remembered number holds for.
    """

    def __init__(self, configured: int, circumstances: Mapping[str, Any]) -> None:
        self._circumstances = dict(circumstances)
        self._remembered = Remembered("batch_tokens")
        self._key = digest(self._circumstances)
        self.tokens = min(configured, self._known() or configured)
        self.halvings = 0
        if self.tokens < configured:
            log.info("batch_tokens %d, as an earlier run ran out of memory above", self.tokens)

    def halve(self, cost: int) -> None:
        """After a batch of `cost` tokens did not fit."""
        self.tokens = max(1, cost // 2)
        self.halvings += 1
        log.warning("a batch of %d tokens ran out of memory; going on with %d", cost, self.tokens)
        self._remembered.put(self._key, {"batch_tokens": self.tokens, **self._circumstances})

    def _known(self) -> int | None:
        entry = self._remembered.get(self._key)
        known = entry.get("batch_tokens") if isinstance(entry, dict) else None
        return known if isinstance(known, int) and known > 0 else None


class BatchGenerator(Protocol):
    """What answers one batch."""

    def generate(self, prompts: Sequence[Prompt]) -> list[Generated]: ...


class StaticBatches:
    """Answers prompts batch by batch, longest first."""

    def __init__(
        self,
        generator: BatchGenerator,
        budget: TokenBudget,
        memory: DeviceMemory,
        rows: RowMaker,
        max_new_tokens: int,
    ) -> None:
        self._generator = generator
        self._budget = budget
        self._memory = memory
        self._rows = rows
        self._new_tokens = max_new_tokens

    def run(self, prompts: Sequence[Prompt]) -> Iterator[Response]:
        """One response per prompt; finished rows stay when a later batch is too large."""
        start = time.perf_counter()
        batches = self.plan(prompts)
        while batches:
            batch = batches[0]
            outcome = self._timed(batch)
            if isinstance(outcome, str) and len(batch) > 1:
                self._budget.halve(self._cost(batch))
                batches = self.plan([prompt for later in batches for prompt in later])
                continue
            batches = batches[1:]
            yield from self._responses(batch, outcome, start)

    def plan(self, prompts: Sequence[Prompt]) -> list[list[Prompt]]:
        lengths = [len(prompt.tokens) for prompt in prompts]
        planned = plan_batches(lengths, self._new_tokens, self._budget.tokens)
        return [[prompts[index] for index in batch] for batch in planned]

    def attempt(self, batch: Sequence[Prompt]) -> list[Generated] | str:
        """The answers of a batch, or why memory did not suffice."""
        try:
            return self._generator.generate(batch)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            reason = first_line(error)
        # only here: the exception's traceback held the tensors of the failed batch
        self._memory.release()
        return reason

    def _timed(self, batch: Sequence[Prompt]) -> tuple[list[Generated], float, float] | str:
        self._memory.begin_batch()
        start = time.perf_counter()
        outcome = self.attempt(batch)
        if isinstance(outcome, str):
            return outcome
        return outcome, start, time.perf_counter() - start

    def _responses(
        self,
        batch: Sequence[Prompt],
        outcome: tuple[list[Generated], float, float] | str,
        start: float,
    ) -> Iterator[Response]:
        if isinstance(outcome, str):
            yield self._too_large(batch[0], outcome)
            return
        answers, began, seconds = outcome
        for prompt, generated in zip(batch, answers, strict=True):
            row = self._rows.answered(
                prompt, generated, "static", seconds, began - start, len(batch)
            )
            yield replace(row, peak_memory_bytes=self._memory.peak_bytes())

    def _too_large(self, prompt: Prompt, reason: str) -> Response:
        free = max(0, self._memory.free_bytes()) / GB
        text = (
            f"{len(prompt.tokens)} prompt tokens and {self._new_tokens} new ones do not fit into "
            f"the memory of {self._memory.device}, alone in a batch ({free:.2f} GB free): {reason}"
        )
        return self._rows.failed(prompt.request, "out_of_memory", text, len(prompt.tokens))

    def _cost(self, batch: Sequence[Prompt]) -> int:
        return (max(len(prompt.tokens) for prompt in batch) + self._new_tokens) * len(batch)
