"""Continuous batching: rows join and leave while others run."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from modellab.models.generators.transformers.memory import is_out_of_memory
from modellab.models.generators.transformers.options import TransformersOptions
from modellab.models.generators.transformers.reading import Prompt

log = logging.getLogger(__name__)

#: seconds after which it is looked whether the generation thread is still there
POLL_SECONDS = 1.0
#: rows that the cache holds where it is not sized by a card's memory
ROWS_WITHOUT_CUDA = 32
#: seconds that the generation thread has to end
STOP_SECONDS = 60.0


class ContinuousSession:
    """A running generation loop of one model."""

    def __init__(self, manager: Any, max_new_tokens: int) -> None:
        self._manager = manager
        self._max_new_tokens = max_new_tokens

    def generate(self, prompts: Sequence[Prompt]) -> Iterator[tuple[int, list[int], float]]:
        """Position in `prompts`, new tokens and seconds of each row, as the rows finish.

        Rows that failed, or were left when the loop ended, are not among them (the log says
        why): the caller sees which are missing.
        """
        names = self._manager.add_requests(
            inputs=[list(prompt.tokens) for prompt in prompts], max_new_tokens=self._max_new_tokens
        )
        waiting = {name: position for position, name in enumerate(names)}
        while waiting:
            result = self._manager.get_result(timeout=POLL_SECONDS)
            if result is None and not self._manager.is_running():
                log.warning("continuous batching ended with %d rows unanswered", len(waiting))
                return
            if result is not None and result.is_finished():
                position = waiting.pop(result.request_id)
                yield from _finished(position, result)

    def seconds(self, prompts: Sequence[Prompt]) -> float:
        """How long all of these take; infinite if a row fails."""
        start = time.perf_counter()
        answered = sum(1 for _ in self.generate(prompts))
        return time.perf_counter() - start if answered == len(prompts) else float("inf")


def _finished(position: int, result: Any) -> Iterator[tuple[int, list[int], float]]:
    if result.error is not None:
        log.warning("continuous batching failed for a row: %s", result.error)
        return
    began, ended = result.lifespan
    yield position, list(result.generated_tokens), ended - began


@contextmanager
def continuous_session(
    model: Any, options: TransformersOptions, prompts: Sequence[Prompt]
) -> Iterator[ContinuousSession | None]:
    """Start the loop, sized for these prompts; None (and a line in the log) where it cannot be."""
    with ExitStack() as stack:
        try:
            manager = stack.enter_context(_manager(model, options, prompts))
        except (RuntimeError, MemoryError, ValueError) as error:
            if not (isinstance(error, ValueError) or is_out_of_memory(error)):
                raise
            log.warning("continuous batching is not used: %s", error)
            manager = None
        yield manager and ContinuousSession(manager, options.max_new_tokens)


def _manager(model: Any, options: TransformersOptions, prompts: Sequence[Prompt]) -> Any:
    from transformers import ContinuousBatchingConfig
    from transformers.generation.continuous_batching.utils import WorkloadHints

    hints = WorkloadHints(
        max_prompt_length=max(len(prompt.tokens) for prompt in prompts),
        max_generated_length=options.max_new_tokens,
        num_requests=len(prompts),
    )
    # it may choose a faster attention, but not against the config's word
    config = ContinuousBatchingConfig(auto_switch_to_flash=options.attn_implementation is None)
    if model.device.type != "cuda":
        # by itself it would fill nearly all memory of the system with its cache
        config.num_blocks = _blocks(prompts, options.max_new_tokens, config.page_size)
    return model.continuous_batching_context_manager(
        generation_config=model.generation_config,
        continuous_batching_config=config,
        workload_hints=hints,
        warmup=model.device.type == "cuda",
        block=True,
        timeout=STOP_SECONDS,
    )


def _blocks(prompts: Sequence[Prompt], new_tokens: int, page: int) -> int:
    """Cache blocks that hold the longest rows, as many as may run at once on a small machine."""
    each = (max(len(prompt.tokens) for prompt in prompts) + new_tokens) // page + 1
    return each * min(len(prompts), ROWS_WITHOUT_CUDA)
