"""Static batches within a token budget, which shrinks when memory runs out."""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modellab.core.errors import first_line
from modellab.core.records import Response
from modellab.models.generators.transformers.generation import Generator
from modellab.models.generators.transformers.memory import GB, DeviceMemory, is_out_of_memory
from modellab.models.generators.transformers.options import (
    TOKENS_WITHOUT_CUDA,
    TransformersOptions,
)
from modellab.models.generators.transformers.reading import TokenizedPrompt

log = logging.getLogger(__name__)

#: new tokens of a batch that only warms up: a step for the prompt and one for a token
WARM_UP_TOKENS = 2
#: the share of free memory that a batch may take: the estimate is incomplete
FILLED = 0.7
#: larger batches are limited by memory bandwidth, and a killed job loses more
MOST_TOKENS = 131_072
LEAST_TOKENS = 1024


def batch_tokens(options: TransformersOptions, model: Any, memory: DeviceMemory) -> int:
    """Prompt and answer tokens of a batch, padding included, by the memory that is free now."""
    if options.batch_tokens is not None:
        return options.batch_tokens
    if memory.device != "cuda":
        return TOKENS_WITHOUT_CUDA
    config = model.config.get_text_config()
    # plus the scores of one step per row: original, float32, and a copy of a processor
    each = bytes_per_token(config, model.dtype.itemsize)
    each += int(10 * config.vocab_size) // options.max_new_tokens
    return max(LEAST_TOKENS, min(MOST_TOKENS, int(FILLED * memory.free_bytes()) // each))


def bytes_per_token(config: Any, number: int) -> int:
    """Cached keys and values of all layers, and what one layer takes while prompts are read.

    `number` is the size of one number in bytes. A model's sliding windows and compressed caches
    take less.
    """
    heads = config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    cached = getattr(config, "num_key_value_heads", None) or heads
    inner = getattr(config, "intermediate_size", None) or 4 * config.hidden_size
    keys_and_values = 2 * config.num_hidden_layers * cached * width
    # states, queries, keys, values and their copies; both halves of a gated layer and its product
    reading = 8 * config.hidden_size + 3 * inner
    return int(number * (keys_and_values + reading))


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


@dataclass
class StaticBatches:
    """Answers prompts batch by batch; a batch that does not fit is answered in smaller ones.

    `tokens` is the budget of a batch, padding included; it is halved when memory runs out.
    """

    generator: Generator
    tokens: int
    memory: DeviceMemory
    new_tokens: int
    halvings: int = 0

    def run(self, prompts: Sequence[TokenizedPrompt]) -> Iterator[Response]:
        """One response per prompt; finished rows stay when a later batch is too large."""
        start = time.perf_counter()
        batches = self._plan(prompts)
        while batches:
            batch, *batches = batches
            self.memory.begin_batch()
            began = time.perf_counter()
            answers = self._attempt(batch)
            if not isinstance(answers, str):
                timed: dict[str, Any] = {
                    "method": "static",
                    "batch_size": len(batch),
                    "latency_seconds": time.perf_counter() - began,
                    "queue_seconds": began - start,
                    "peak_memory_bytes": self.memory.peak_bytes(),
                }
                yield from (replace(row, **timed) for row in answers)
            elif len(batch) == 1:
                yield self._too_large(batch[0], answers)
            else:
                cost = (len(batch[0].tokens) + self.new_tokens) * len(batch)
                self.tokens = max(1, cost // 2)
                self.halvings += 1
                log.warning(
                    "a batch of %d tokens ran out of memory; going on with %d (`batch_tokens`)",
                    cost,
                    self.tokens,
                )
                batches = self._plan([prompt for later in [batch, *batches] for prompt in later])

    def warm_up(self, prompts: Sequence[TokenizedPrompt], times: int) -> None:
        """Run the first batch without recording it: kernels are loaded and memory is taken."""
        for _ in range(times):
            self._attempt(self._plan(prompts)[0], WARM_UP_TOKENS)

    def _plan(self, prompts: Sequence[TokenizedPrompt]) -> list[list[TokenizedPrompt]]:
        lengths = [len(prompt.tokens) for prompt in prompts]
        planned = plan_batches(lengths, self.new_tokens, self.tokens)
        return [[prompts[index] for index in batch] for batch in planned]

    def _attempt(
        self, batch: Sequence[TokenizedPrompt], most: int | None = None
    ) -> list[Response] | str:
        """The answers of a batch, or the error where memory ran out."""
        try:
            return self.generator.generate(batch, most)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            reason = first_line(error)
        # not earlier: the traceback holds the tensors of the failed batch
        self.memory.release()
        return reason

    def _too_large(self, prompt: TokenizedPrompt, reason: str) -> Response:
        free = max(0, self.memory.free_bytes()) / GB
        text = (
            f"{len(prompt.tokens)} prompt tokens and {self.new_tokens} new ones do not fit into "
            f"the memory of {self.memory.device}, alone in a batch ({free:.2f} GB free): {reason}"
        )
        return self.generator.row(
            prompt.request,
            error_class="out_of_memory",
            error=text,
            prompt_tokens=len(prompt.tokens),
        )
