"""Static batches within a token budget, which shrinks when memory runs out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from modellab.core.records import Response
from modellab.models.generators.transformers.batching import plan_batches
from modellab.models.generators.transformers.budget import TokenBudget
from modellab.models.generators.transformers.generation import Generated
from modellab.models.generators.transformers.loading_errors import first_line
from modellab.models.generators.transformers.memory import GB, DeviceMemory, is_out_of_memory
from modellab.models.generators.transformers.reading import Prompt
from modellab.models.generators.transformers.responses import RowMaker


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
