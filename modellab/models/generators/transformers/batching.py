"""Continuous batching: when it is used, and a running generation loop."""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from modellab.core.records import Response
from modellab.models.generators.transformers.memory import DeviceMemory
from modellab.models.generators.transformers.options import TransformersOptions
from modellab.models.generators.transformers.reading import TokenizedPrompt

log = logging.getLogger(__name__)

#: number of rows from which both methods are tried
TRIAL_FROM = 256
#: rows that each method answers in the trial
TRIAL_ROWS = 64


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


def sample(left: dict[int, TokenizedPrompt]) -> list[int]:
    """Rows of all lengths, evenly from the shortest to the longest."""
    by_length = sorted(left, key=lambda row: len(left[row].tokens))
    return by_length[:: max(1, len(by_length) // TRIAL_ROWS)][:TRIAL_ROWS]


@dataclass
class Speed:
    """Measures tokens per second of responses."""

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


#: seconds between checks whether the generation thread is alive
POLL_SECONDS = 1.0
#: rows in the cache if it is not sized by GPU memory
ROWS_WITHOUT_CUDA = 32
#: maximum share of memory for the cache, as in transformers
CACHE_SHARE = 0.9
#: maximum seconds for the generation thread to end its current step
STOP_SECONDS = 60.0


class ContinuousSession:
    """A running generation loop of one model, sized for some prompts.

    Raises whatever transformers, a kernel or the device raises where it cannot be started.
    `attention` is the implementation that it uses, which may not be the model's own.
    """

    def __init__(
        self,
        model: Any,
        options: TransformersOptions,
        prompts: Sequence[TokenizedPrompt],
        memory: DeviceMemory,
    ) -> None:
        self._model = model
        self._memory = memory
        self._max_new_tokens = options.max_new_tokens
        self._manager: Any = None
        self._attention_before = model.config._attn_implementation
        try:
            self._manager = _manager(model, options, prompts, memory)
            if memory.device == "cuda":
                self._manager.warmup()
            self._manager.start()
        except BaseException:
            self.stop()
            raise
        self.attention = str(model.config._attn_implementation)

    def stop(self) -> None:
        """End the loop at once and free its cache; unfinished rows are lost. Idempotent."""
        manager, self._manager = self._manager, None
        if manager is not None:
            manager.stop(hard_stop=True, timeout=STOP_SECONDS)
            manager.destroy()
            # also if the loop failed to start
            del manager
            self._memory.release()
        if self._model.config._attn_implementation != self._attention_before:
            self._model.set_attn_implementation(self._attention_before)

    def generate(
        self, prompts: Sequence[TokenizedPrompt]
    ) -> Iterator[tuple[int, list[int], float]]:
        """Position in `prompts`, new tokens and seconds of each row, as the rows finish.

        Rows that failed, or were left when the loop ended, are not among them (the log says
        why). When a deadline or Ctrl-C interrupts it, finished rows still come before its error.
        """
        manager = self._manager
        names = manager.add_requests(
            inputs=[list(prompt.tokens) for prompt in prompts], max_new_tokens=self._max_new_tokens
        )
        waiting = {name: position for position, name in enumerate(names)}
        try:
            while waiting:
                running = manager.is_running()
                result = manager.get_result(timeout=POLL_SECONDS)
                if result is None and not running:
                    log.warning("continuous batching ended with %d rows unanswered", len(waiting))
                    return
                if result is None or not result.is_finished():
                    continue
                position = waiting.pop(result.request_id)
                if result.error is None:
                    yield position, list(result.generated_tokens), _seconds(result)
                else:
                    log.warning("continuous batching failed for a row: %s", result.error)
        except GeneratorExit:
            raise
        except BaseException:
            self.stop()
            while (result := manager.get_result(timeout=0)) is not None:
                if result.is_finished() and result.error is None:
                    position = waiting.pop(result.request_id)
                    yield position, list(result.generated_tokens), _seconds(result)
            raise


def _seconds(result: Any) -> float:
    began, ended = result.lifespan
    return float(ended - began)


def _manager(
    model: Any,
    options: TransformersOptions,
    prompts: Sequence[TokenizedPrompt],
    memory: DeviceMemory,
) -> Any:
    from transformers import ContinuousBatchingConfig
    from transformers.generation.continuous_batching.utils import WorkloadHints

    longest = max(len(prompt.tokens) for prompt in prompts)
    # it may choose a faster attention unless the config sets one
    config = ContinuousBatchingConfig(auto_switch_to_flash=options.attn_implementation is None)
    if memory.device == "cuda":
        # by default it leaves nothing to other jobs on the same GPU
        config.max_memory_percent = CACHE_SHARE * memory.free_share()
    else:
        # by default its cache takes nearly all system memory
        pages = (longest + options.max_new_tokens) // config.page_size + 1
        config.num_blocks = pages * min(len(prompts), ROWS_WITHOUT_CUDA)
    return model.init_continuous_batching(
        generation_config=model.generation_config,
        continuous_batching_config=config,
        workload_hints=WorkloadHints(
            max_prompt_length=longest,
            max_generated_length=options.max_new_tokens,
            num_requests=len(prompts),
        ),
    )
