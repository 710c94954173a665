"""A loaded model: requests in, responses out, and a record of what it took."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from modellab.core.records import Request, Response
from modellab.models.generators.transformers.batching import Batching
from modellab.models.generators.transformers.budget import batch_tokens
from modellab.models.generators.transformers.generation import Generator
from modellab.models.generators.transformers.loading import (
    Loaded,
    choose_device,
    device_map,
    load,
)
from modellab.models.generators.transformers.memory import (
    DeviceMemory,
    device_name,
    keep_freed_pages,
)
from modellab.models.generators.transformers.options import TransformersOptions
from modellab.models.generators.transformers.processors import JsonGrammar
from modellab.models.generators.transformers.reading import Prompt, Reader
from modellab.models.generators.transformers.static import StaticBatches


@contextmanager
def opened_engine(
    options: TransformersOptions, answer_schema: Mapping[str, Any]
) -> Iterator[Engine]:
    """Load the model; at the end drop it and measure what its end freed.

    Raises InputError where it cannot be loaded.
    """
    memory = options.memory(choose_device(options.device))
    if memory.device == "cpu":
        keep_freed_pages()
    readings = [memory.reading("start")]
    start = time.perf_counter()
    loaded = load(options, memory)
    engine = Engine(options, loaded, memory, answer_schema, readings)
    engine.facts["load_seconds"] = time.perf_counter() - start
    del loaded
    try:
        yield engine
    finally:
        engine.close()


class Engine:
    """Answers requests in batches.

    `facts` is what the run's record says of the model; `warm_up_seconds` what its unrecorded
    batches and the start of continuous batching took.
    """

    def __init__(
        self,
        options: TransformersOptions,
        loaded: Loaded,
        memory: DeviceMemory,
        answer_schema: Mapping[str, Any],
        readings: list[dict[str, Any]],
    ) -> None:
        self._options = options
        self._memory = memory
        self._readings = readings
        self._warm = False
        self.facts = _facts(loaded, memory.device)
        self._reader = Reader(loaded, options.thought, options.think)
        grammar = _grammar(options, loaded, answer_schema)
        self._generator = Generator(options, loaded, self._reader, memory, grammar)
        tokens = batch_tokens(options, loaded.model, memory)
        self._static = StaticBatches(self._generator, tokens, memory, options.max_new_tokens)
        self._batching = Batching(options, loaded.model, self._generator, self._static, memory)
        self._note("loaded")

    @property
    def warm_up_seconds(self) -> float:
        return self._batching.warm_up_seconds

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        """Raises InputError when requests have images and the model reads none."""
        prompts: list[Prompt] = []
        for request in requests:
            prompt = self._read(request)
            if isinstance(prompt, Response):
                yield prompt
            else:
                prompts.append(prompt)
        # rows with and without pictures make different batches
        for images in (False, True):
            group = [prompt for prompt in prompts if bool(prompt.images) == images]
            if group:
                self._warm_up(group)
                yield from self._batching.answer(group)
        self.facts["system_role"] = self._reader.system_role
        self._note("answered")

    def close(self) -> None:
        """Drop the model and measure the memory without it."""
        self._batching.stop()
        self.facts |= self._batching.facts
        self.facts |= {"batch_tokens": self._static.tokens, "batch_halvings": self._static.halvings}
        del self._reader, self._generator, self._batching, self._static
        self._memory.release()
        self._note("closed")

    def report(self) -> Mapping[str, Any]:
        return {**self.facts, "memory": self._readings}

    def _note(self, at: str) -> None:
        self._readings.append(self._memory.reading(at))

    def _read(self, request: Request) -> Prompt | Response:
        """The prompt, or the failed row of a request that cannot be one."""
        try:
            prompt = self._reader.prompt(request)
        except OSError as error:
            return self._generator.row(request, error_class="bad_image", error=str(error))
        limit, new = self.facts["context_length"], self._options.max_new_tokens
        if limit is None or len(prompt.tokens) + new <= limit:
            return prompt
        text = (
            f"{len(prompt.tokens)} prompt tokens and {new} new ones do not fit into the model's "
            f"{limit}"
        )
        return self._generator.row(
            request, error_class="context_too_long", error=text, prompt_tokens=len(prompt.tokens)
        )

    def _warm_up(self, prompts: Sequence[Prompt]) -> None:
        if self._warm or self._options.warmup == 0:
            return
        self._warm = True
        self._batching.warm_up(prompts, self._options.warmup)
        self._note("warm")


def _facts(loaded: Loaded, device: str) -> dict[str, Any]:
    model = loaded.model
    text_config = model.config.get_text_config()
    return {
        "device": device,
        "device_name": device_name(device),
        "device_map": device_map(model),
        "dtype": loaded.dtype,
        "quantization": loaded.quantization,
        "attn_implementation": model.config._attn_implementation,
        "parameters": model.num_parameters(),
        "weights_mb": round(model.get_memory_footprint() / 2**20, 1),
        "context_length": getattr(text_config, "max_position_embeddings", None),
        "reads_images": loaded.processor is not None,
        "ignored_settings": dict(loaded.ignored),
    }


def _grammar(
    options: TransformersOptions, loaded: Loaded, schema: Mapping[str, Any]
) -> JsonGrammar | None:
    if options.answer_format != "json_schema":
        return None
    vocabulary = loaded.model.config.get_text_config().vocab_size
    return JsonGrammar(loaded.tokenizer, vocabulary, loaded.ends, schema)
