"""The number of tokens of a static batch: as many as a GPU's memory holds."""

from __future__ import annotations

from typing import Any

from modellab.models.generators.transformers.memory import DeviceMemory
from modellab.models.generators.transformers.options import (
    TOKENS_WITHOUT_CUDA,
    TransformersOptions,
)

#: the share of free memory that a batch is planned to take: the estimate leaves things out
FILLED = 0.7
#: beyond this a step is bound by reading keys and values, and a killed job loses all the more
MOST_TOKENS = 131_072
LEAST_TOKENS = 1024


def batch_tokens(options: TransformersOptions, model: Any, memory: DeviceMemory) -> int:
    """Prompt and answer tokens of a batch, padding included, by the memory that is free now."""
    if options.batch_tokens is not None:
        return options.batch_tokens
    if memory.device != "cuda":
        return TOKENS_WITHOUT_CUDA
    each = bytes_per_token(model.config.get_text_config(), model.dtype.itemsize)
    each += _bytes_per_row(model.config.get_text_config()) // options.max_new_tokens
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


def _bytes_per_row(config: Any) -> int:
    """The scores of one step: as they come, in float32, and a processor's copy."""
    return int(10 * config.vocab_size)
