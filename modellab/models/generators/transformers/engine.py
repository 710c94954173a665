"""A loaded model: requests in, responses out, and a record of what it took."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from modellab.core.records import Request, Response
from modellab.models.generators.transformers.continuous import ContinuousSession, continuous_session
from modellab.models.generators.transformers.generation import Generator, RowMaker
from modellab.models.generators.transformers.loading import Loaded, choose_device, load
from modellab.models.generators.transformers.memory import DeviceMemory, device_name
from modellab.models.generators.transformers.options import TransformersOptions
from modellab.models.generators.transformers.processors import JsonGrammar
from modellab.models.generators.transformers.reading import Prompt, Reader
from modellab.models.generators.transformers.static import StaticBatches, TokenBudget
from modellab.models.generators.transformers.weights import weights_identity

log = logging.getLogger(__name__)

#: number of rows from which a trial of continuous batching is worth its time
TRIAL_FROM = 256
#: rows of the trial
TRIAL_ROWS = 64


@contextmanager
def opened_engine(
    options: TransformersOptions, answer_schema: Mapping[str, Any]
) -> Iterator[Engine]:
    """Load the model; at the end drop it and measure what its end freed.

    Raises InputError where it cannot be loaded.
    """
    memory = DeviceMemory(choose_device(options.device), options.vram_limit_gb)
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
    """Answers requests by static batches or, where that was measured to be faster, continuously.

    `facts` is what the run's record says of the model; `warm_up_seconds` what its unrecorded
    batches and trials took.
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
        self._loaded: Loaded | None = loaded
        self._memory = memory
        self._readings = readings
        self._warm = False
        self.warm_up_seconds = 0.0
        self._rows = RowMaker(loaded.dtype, options.quantization)
        self.facts = _facts(options, loaded, memory.device)
        self._budget = TokenBudget(options.batch_tokens, _circumstances(options, self.facts))
        self._reader = Reader(loaded, options.thought)
        grammar = _grammar(options, loaded, answer_schema)
        self._generator = Generator(options, loaded, self._reader, memory, grammar)
        self._static = StaticBatches(
            self._generator, self._budget, memory, self._rows, options.max_new_tokens
        )
        self._note("loaded")

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        """Raises InputError when requests have images and the model reads none."""
        prompts: list[Prompt] = []
        for request in requests:
            prompt = self._read(request)
            if isinstance(prompt, Response):
                yield prompt
            else:
                prompts.append(prompt)
        texts = [prompt for prompt in prompts if not prompt.images]
        # rows with and without pictures make different batches
        for group in (texts, [prompt for prompt in prompts if prompt.images]):
            if group:
                self._warm_up(group)
                yield from self._answer(group)
        self.facts["system_role"] = self._reader.system_role
        self._note("answered")

    def close(self) -> None:
        """Drop the model and measure the memory without it."""
        self._loaded = None
        del self._reader, self._generator, self._static
        self._memory.release()
        self._note("closed")

    def report(self) -> Mapping[str, Any]:
        return {
            **self.facts,
            "batch_tokens": self._budget.tokens,
            "batch_halvings": self._budget.halvings,
            "memory": self._readings,
        }

    def _note(self, at: str) -> None:
        self._readings.append(self._memory.reading(at))

    def _read(self, request: Request) -> Prompt | Response:
        """The prompt, or the failed row of a request that cannot be one."""
        try:
            prompt = self._reader.prompt(request)
        except OSError as error:
            return self._rows.failed(request, "bad_image", str(error))
        limit, new = self.facts["context_length"], self._options.max_new_tokens
        if limit is None or len(prompt.tokens) + new <= limit:
            return prompt
        text = (
            f"{len(prompt.tokens)} prompt tokens and {new} new ones do not fit into the model's "
            f"{limit}"
        )
        return self._rows.failed(request, "context_too_long", text, len(prompt.tokens))

    def _warm_up(self, prompts: Sequence[Prompt]) -> None:
        """Run the first batch without recording it, on the first call."""
        if self._warm or self._options.warmup == 0:
            return
        self._warm = True
        with self._warming_up():
            for _ in range(self._options.warmup):
                self._static.attempt(self._static.plan(prompts)[0])
        self._note("warm")

    @contextmanager
    def _warming_up(self) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.warm_up_seconds += time.perf_counter() - start

    def _answer(self, prompts: Sequence[Prompt]) -> Iterator[Response]:
        if prompts[0].images or not self._may_try(len(prompts)):
            yield from self._static.run(prompts)
            return
        left = dict(enumerate(prompts))
        sample = prompts[:: max(1, len(prompts) // TRIAL_ROWS)][:TRIAL_ROWS]
        with self._warming_up():
            static_seconds = self._static_seconds(sample)
        with continuous_session(self._model(), self._options, prompts) as session:
            if session and self._is_faster(session, sample, static_seconds):
                yield from self._continuous(session, prompts, left)
        if left:
            yield from self._static.run(list(left.values()))

    def _continuous(
        self, session: ContinuousSession, prompts: Sequence[Prompt], left: dict[int, Prompt]
    ) -> Iterator[Response]:
        """Answer what can be, and take it out of `left`. All rows share the whole loop."""
        start = time.perf_counter()
        for position, tokens, seconds in session.generate(prompts):
            prompt = left.pop(position)
            waited = max(0.0, time.perf_counter() - start - seconds)
            answer = self._generator.read(tokens, prompt.opened)
            row = self._rows.answered(prompt, answer, "continuous", seconds, waited, None)
            yield replace(row, peak_memory_bytes=self._memory.peak_bytes())

    def _may_try(self, rows: int) -> bool:
        wanted = self._options.continuous_batching
        if wanted == "off" or not self._options.may_run_continuously():
            return False
        return wanted == "on" or (self._memory.device == "cuda" and rows >= TRIAL_FROM)

    def _static_seconds(self, sample: Sequence[Prompt]) -> float:
        """How long the sample takes in static batches, the second time; 0 where none is asked.

        Infinite where memory does not suffice.
        """
        if self._options.continuous_batching == "on":
            return 0.0
        for _ in range(2):
            start = time.perf_counter()
            outcomes = [self._static.attempt(batch) for batch in self._static.plan(sample)]
        seconds = time.perf_counter() - start
        self._memory.release()
        return float("inf") if any(isinstance(found, str) for found in outcomes) else seconds

    def _is_faster(
        self, session: ContinuousSession, sample: Sequence[Prompt], static_seconds: float
    ) -> bool:
        if self._options.continuous_batching == "on":
            return True
        with self._warming_up():
            session.seconds(sample)
            seconds = session.seconds(sample)
        self.facts["trial"] = {
            "rows": len(sample),
            "static_seconds": _finite(static_seconds),
            "continuous_seconds": _finite(seconds),
        }
        log.info("%d rows: static %.2f s, continuous %.2f s", len(sample), static_seconds, seconds)
        return seconds < static_seconds

    def _model(self) -> Any:
        assert self._loaded is not None
        return self._loaded.model


def _finite(seconds: float) -> float | None:
    """For JSON, which has no infinity."""
    return None if math.isinf(seconds) else seconds


def _facts(options: TransformersOptions, loaded: Loaded, device: str) -> dict[str, Any]:
    model = loaded.model
    text_config = model.config.get_text_config()
    return {
        "device": device,
        "device_name": device_name(device),
        "dtype": loaded.dtype,
        "quantization": options.quantization,
        "attn_implementation": model.config._attn_implementation,
        "parameters": model.num_parameters(),
        "weights_mb": round(model.get_memory_footprint() / 2**20, 1),
        "context_length": getattr(text_config, "max_position_embeddings", None),
        "reads_images": loaded.processor is not None,
        "ignored_settings": dict(loaded.ignored),
    }


def _circumstances(options: TransformersOptions, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a safe budget holds for."""
    return {
        **weights_identity(options),
        **{key: facts[key] for key in ("dtype", "quantization", "device_name")},
        "gpus": options.gpus,
        "vram_limit_gb": options.vram_limit_gb,
    }


def _grammar(
    options: TransformersOptions, loaded: Loaded, schema: Mapping[str, Any]
) -> JsonGrammar | None:
    if options.answer_format != "json_schema":
        return None
    vocabulary = loaded.model.config.get_text_config().vocab_size
    return JsonGrammar(loaded.tokenizer, vocabulary, loaded.ends, schema)
