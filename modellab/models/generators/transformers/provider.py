"""Local models: checked, opened, and asked in batches."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from modellab.core.errors import Finding, InputError, failure, first_line, ok, warning
from modellab.core.records import Request, Response
from modellab.models import weights
from modellab.models.generators.transformers.batching import (
    TRIAL_FROM,
    ContinuousSession,
    Speed,
    first_method,
    sample,
)
from modellab.models.generators.transformers.generation import Generator
from modellab.models.generators.transformers.loading import (
    Loaded,
    choose_device,
    device_map,
    load,
    needed_bytes,
    read_config,
)
from modellab.models.generators.transformers.memory import (
    GB,
    DeviceMemory,
    device_name,
    keep_freed_pages,
)
from modellab.models.generators.transformers.options import TransformersOptions
from modellab.models.generators.transformers.processors import JsonGrammar
from modellab.models.generators.transformers.reading import PromptReader, TokenizedPrompt
from modellab.models.generators.transformers.static import StaticBatches, batch_tokens
from modellab.models.protocol import Model

log = logging.getLogger(__name__)

#: share of a GPU up to which weights leave enough room for batches
FITS_WELL = 0.7
FETCH = "snakemake fetch_models, where there is a network"

fetch = weights.fetch


def fingerprint(options: TransformersOptions) -> Mapping[str, Any]:
    """The weights and all that decides an answer. Raises InputError."""
    if options.is_local():
        weights.check_model_folder(options.path())
    return {**weights.weights_identity(options), **options.decides()}


@contextmanager
def open_model(
    options: TransformersOptions,
    seed: int,  # noqa: ARG001 - that of a row is in its key
    answer_schema: Mapping[str, Any],
) -> Iterator[LoadedModel]:
    """Load the model; at the end drop it and measure the freed memory.

    Raises InputError where it cannot be loaded.
    """
    memory = options.memory(choose_device(options.device))
    if memory.device == "cpu":
        keep_freed_pages()
    readings = [memory.reading("start")]
    start = time.perf_counter()
    loaded = load(options, memory)
    engine = LoadedModel(options, loaded, memory, answer_schema, readings)
    engine.facts["load_seconds"] = time.perf_counter() - start
    del loaded
    try:
        yield engine
    finally:
        engine.close()


class LoadedModel(Model):
    """A loaded model, which answers requests in static or continuous batches.

    With `continuous_batching: auto` on CUDA both are tried once, on the first rows. The answers of
    the trial are kept: each method answers other rows, of the same lengths.

    `facts` is the description of the model in the run's record; `warm_up_seconds` the time of
    unrecorded batches and of starting continuous batching.
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
        self._reader = PromptReader(loaded, options.thought, options.think)
        grammar = None
        if options.constrained():
            vocabulary = loaded.model.config.get_text_config().vocab_size
            grammar = JsonGrammar(loaded.tokenizer, vocabulary, loaded.ends, answer_schema)
        self._generator = Generator(options, loaded, self._reader, memory, grammar)
        tokens = batch_tokens(options, loaded.model, memory)
        self._static = StaticBatches(self._generator, tokens, memory, options.max_new_tokens)
        self._model = loaded.model
        self._session: ContinuousSession | None = None
        #: None until it is decided
        self._method = first_method(options, memory.device)
        self.warm_up_seconds = 0.0
        self._note("loaded")

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        """Raises InputError when requests have images and the model reads none."""
        prompts: list[TokenizedPrompt] = []
        for request in requests:
            prompt = self._read(request)
            if isinstance(prompt, Response):
                yield prompt
            else:
                prompts.append(prompt)
        # rows with and without pictures make different batches
        for images in (False, True):
            group = [prompt for prompt in prompts if bool(prompt.images) == images]
            if not group:
                continue
            if self._options.warmup and not self._warm:
                self._warm = True
                self._warm_up(group, self._options.warmup)
                self._note("warm")
            left = dict(enumerate(group))
            undecided = self._method is None and len(group) >= TRIAL_FROM
            if (self._method == "continuous" or undecided) and not images:
                yield from self._continuously(left, trial=undecided)
            if left:
                yield from self._static.run(list(left.values()))
        self.facts["system_role"] = self._reader.system_role
        self._note("answered")

    def close(self) -> None:
        """Drop the model and measure the memory without it."""
        self._stop()
        self.facts |= {"batch_tokens": self._static.tokens, "batch_halvings": self._static.halvings}
        self._session = None
        del self._reader, self._generator, self._model, self._static
        self._memory.release()
        self._note("closed")

    def report(self) -> Mapping[str, Any]:
        return {**self.facts, "memory": self._readings}

    def _warm_up(self, prompts: Sequence[TokenizedPrompt], times: int) -> None:
        start = time.perf_counter()
        self._static.warm_up(prompts, times)
        self.warm_up_seconds += time.perf_counter() - start

    def _stop(self) -> None:
        """End continuous batching, also if the caller stops early."""
        if self._session is not None:
            self._session.stop()

    def _continuously(self, left: dict[int, TokenizedPrompt], trial: bool) -> Iterator[Response]:
        """Answer rows and take them out of `left`; those that stay are for static batches.

        Whatever goes wrong with continuous batching (an unknown kind of layer, a kernel that
        cannot be loaded, a graph that cannot be captured, memory) ends it, not the job.
        """
        static, continuous = Speed(), Speed()
        if trial:
            rows = [left.pop(row) for row in sample(left)]
            self._warm_up(rows, 1)
            yield from static.of(self._static.run(rows))
        try:
            start = time.perf_counter()
            prompts = list(left.values())
            self._session = ContinuousSession(self._model, self._options, prompts, self._memory)
            self.warm_up_seconds += time.perf_counter() - start
            self.facts["continuous_attn_implementation"] = self._session.attention
            if trial:
                yield from continuous.of(self._run(self._session, left, sample(left)))
                faster = continuous.tokens_per_second > static.tokens_per_second
                self._method = "continuous" if faster else "static"
                self.facts["trial"] = {
                    "rows": len(rows),
                    "static_tokens_per_second": static.tokens_per_second,
                    "continuous_tokens_per_second": continuous.tokens_per_second,
                }
                log.info("the faster method is %s: %s", self._method, self.facts["trial"])
            if self._method == "continuous" and left:
                yield from self._run(self._session, left, list(left))
        except Exception as error:  # noqa: BLE001 - a faster way that is not needed
            log.warning("continuous batching is not used: %s", first_line(error))
            self._method = "static"
        finally:
            self._stop()

    def _run(
        self, session: ContinuousSession, left: dict[int, TokenizedPrompt], rows: Sequence[int]
    ) -> Iterator[Response]:
        prompts = [left[row] for row in rows]
        start = time.perf_counter()
        self._memory.begin_batch()
        for position, tokens, seconds in session.generate(prompts):
            row = self._generator.read(left.pop(rows[position]), tokens)
            yield replace(
                row,
                method="continuous",
                latency_seconds=seconds,
                queue_seconds=max(0.0, time.perf_counter() - start - seconds),
                peak_memory_bytes=self._memory.peak_bytes(),
            )

    def _note(self, at: str) -> None:
        self._readings.append(self._memory.reading(at))

    def _read(self, request: Request) -> TokenizedPrompt | Response:
        """The prompt, or the failed row of a request that cannot be one."""
        try:
            prompt = self._reader.prompt(request)
        except OSError as error:
            return self._generator.row(request, error_class="bad_image", error=str(error))
        limit, new = self.facts["context_length"], self._options.max_new_tokens
        length = len(prompt.tokens)
        if limit is None or length + new <= limit:
            return prompt
        text = f"{length} prompt tokens and {new} new ones do not fit into the model's {limit}"
        return self._generator.row(
            request, error_class="context_too_long", error=text, prompt_tokens=length
        )


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


def preflight(options: TransformersOptions, subject: str) -> Iterator[Finding]:
    """The weights, and their approximate size compared with free memory. Raises InputError."""
    if options.is_local():
        weights.check_model_folder(options.path())
        yield ok(subject, f"{options.path()} is there")
    else:
        snapshot = weights.cached_snapshot(options.model, options.revision)
        if snapshot is None:
            yield _on_hub(options, subject)
            return
        yield ok(subject, f"commit {snapshot.name} is in the hub's cache")
    yield from _memory(options, subject)


def _on_hub(options: TransformersOptions, subject: str) -> Finding:
    from huggingface_hub import HfApi

    try:
        found = HfApi().model_info(options.model, revision=options.revision, timeout=10)
    except (OSError, ValueError) as error:
        return failure(subject, str(weights.loading_error(options, error)), FETCH)
    commit = found.sha or "unknown"
    return warning(subject, f"commit {commit} is on the hub, not in the cache here", FETCH)


def _memory(options: TransformersOptions, subject: str) -> Iterator[Finding]:
    try:
        device = choose_device(options.device)
    except InputError as error:
        yield failure(subject, str(error), "run where the device is, or use `device: auto`")
        return
    needed = needed_bytes(options, read_config(options))
    if needed is None:
        yield warning(subject, "the files do not say how large the weights are", "")
        return
    by_gpu = _free_bytes(options, device)
    free = sum(by_gpu)
    size = f"weights of about {needed / GB:.2f} GB"
    if needed > free:
        advice = "quantization: 4bit, more gpus, a higher vram_limit_gb, or a smaller model"
        yield failure(subject, f"{size}, but {free / GB:.2f} GB are free on {device}", advice)
        return
    yield ok(subject, f"{size}, {free / GB:.2f} GB free on {device}")
    if len(by_gpu) > 1 and needed < FITS_WELL * by_gpu[0]:
        yield warning(
            subject,
            f"fits on one GPU, and {len(by_gpu)} are no faster: their layers work in turn",
            "gpus: 1, `shards` for several GPUs at once, or provider: served with vLLM",
        )


def _free_bytes(options: TransformersOptions, device: str) -> list[int]:
    """The free memory for it: on CUDA that of the emptiest GPUs, which its job will choose."""
    memory = options.memory(device)
    if device != "cuda":
        return [memory.free_bytes()]
    import torch

    wanted, memory.gpus = len(memory.gpus), range(torch.cuda.device_count())
    return sorted(memory.free_by_gpu().values(), reverse=True)[:wanted]
