"""Static or continuous batches: by the options or, with `auto`, by measured speed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from modellab.core.records import Response
from modellab.models.generators.transformers.continuous import ContinuousSession
from modellab.models.generators.transformers.generation import Generator
from modellab.models.generators.transformers.memory import DeviceMemory
from modellab.models.generators.transformers.options import TransformersOptions
from modellab.models.generators.transformers.reading import Prompt
from modellab.models.generators.transformers.static import StaticBatches
from modellab.models.weights import first_line

log = logging.getLogger(__name__)

#: number of rows from which both methods are tried
TRIAL_FROM = 256
#: rows that each method answers in the trial
TRIAL_ROWS = 64


@dataclass
class Batching:
    """Answers prompts by one method; with `auto` on CUDA both are tried once, on the first rows.

    The answers of the trial are kept: each method answers other rows, of the same lengths.
    `method` is None until it is decided. `facts` are for the run's record.
    """

    options: TransformersOptions
    model: Any
    generator: Generator
    static: StaticBatches
    memory: DeviceMemory
    facts: dict[str, Any] = field(default_factory=dict)
    warm_up_seconds: float = 0.0
    _session: ContinuousSession | None = None

    def __post_init__(self) -> None:
        self.method = first_method(self.options, self.memory.device)

    def answer(self, prompts: Sequence[Prompt]) -> Iterator[Response]:
        """One response per prompt; none of them, or all, have images."""
        left = dict(enumerate(prompts))
        undecided = self.method is None and len(prompts) >= TRIAL_FROM
        if (self.method == "continuous" or undecided) and not prompts[0].images:
            yield from self._continuously(left, trial=undecided)
        if left:
            yield from self.static.run(list(left.values()))

    def warm_up(self, prompts: Sequence[Prompt], times: int) -> None:
        start = time.perf_counter()
        self.static.warm_up(prompts, times)
        self.warm_up_seconds += time.perf_counter() - start

    def stop(self) -> None:
        """End what still runs when the caller asks for no more answers."""
        if self._session is not None:
            self._session.stop()

    def _continuously(self, left: dict[int, Prompt], trial: bool) -> Iterator[Response]:
        """Answer rows and take them out of `left`; those that stay are for static batches.

        Whatever goes wrong with continuous batching (an unknown kind of layer, a kernel that
        cannot be loaded, a graph that cannot be captured, memory) ends it, not the job.
        """
        static, continuous = _Speed(), _Speed()
        if trial:
            sample = [left.pop(row) for row in _sample(left)]
            self.warm_up(sample, 1)
            yield from static.of(self.static.run(sample))
        try:
            start = time.perf_counter()
            prompts = list(left.values())
            self._session = ContinuousSession(self.model, self.options, prompts, self.memory)
            self.warm_up_seconds += time.perf_counter() - start
            self.facts["continuous_attn_implementation"] = self._session.attention
            if trial:
                yield from continuous.of(self._run(self._session, left, _sample(left)))
                faster = continuous.tokens_per_second > static.tokens_per_second
                self.method = "continuous" if faster else "static"
                self.facts["trial"] = {
                    "rows": TRIAL_ROWS,
                    "static_tokens_per_second": static.tokens_per_second,
                    "continuous_tokens_per_second": continuous.tokens_per_second,
                }
                log.info("the faster method is %s: %s", self.method, self.facts["trial"])
            if self.method == "continuous" and left:
                yield from self._run(self._session, left, list(left))
        except Exception as error:  # noqa: BLE001 - a faster way that is not needed
            log.warning("continuous batching is not used: %s", first_line(error))
            self.method = "static"
        finally:
            self.stop()

    def _run(
        self, session: ContinuousSession, left: dict[int, Prompt], rows: Sequence[int]
    ) -> Iterator[Response]:
        prompts = [left[row] for row in rows]
        start = time.perf_counter()
        self.memory.begin_batch()
        for position, tokens, seconds in session.generate(prompts):
            row = self.generator.read(left.pop(rows[position]), tokens)
            yield replace(
                row,
                method="continuous",
                latency_seconds=seconds,
                queue_seconds=max(0.0, time.perf_counter() - start - seconds),
                peak_memory_bytes=self.memory.peak_bytes(),
            )


def first_method(
    options: TransformersOptions, device: str
) -> Literal["static", "continuous"] | None:
    """The method that the options and the device decide; None where both are to be tried."""
    wanted = options.continuous_batching
    if wanted == "off" or not options.may_run_continuously():
        return "static"
    if wanted == "on":
        return "continuous"
    return None if device == "cuda" else "static"


def _sample(left: dict[int, Prompt]) -> list[int]:
    """Rows of all lengths, evenly from the shortest to the longest."""
    by_length = sorted(left, key=lambda row: len(left[row].tokens))
    return by_length[:: max(1, len(by_length) // TRIAL_ROWS)][:TRIAL_ROWS]


@dataclass
class _Speed:
    """Tokens per second of responses that pass through."""

    tokens: int = 0
    seconds: float = 0.0

    def of(self, rows: Iterator[Response]) -> Iterator[Response]:
        start = time.perf_counter()
        for row in rows:
            self.tokens += row.completion_tokens or 0
            self.seconds = time.perf_counter() - start
            yield row

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.seconds if self.seconds else 0.0
