"""Local models: how they are found, checked, fetched and opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from modellab.core.errors import InputError
from modellab.core.findings import Finding, failure, ok, warning
from modellab.models.generators.transformers.engine import Engine, opened_engine
from modellab.models.generators.transformers.hub import cached_snapshot, fetched
from modellab.models.generators.transformers.loading import choose_device, needed_bytes, read_config
from modellab.models.generators.transformers.loading_errors import loading_error
from modellab.models.generators.transformers.memory import GB
from modellab.models.generators.transformers.options import TransformersOptions
from modellab.models.generators.transformers.weights import check_complete, weights_identity

#: share of a GPU that weights may take with room left for batches
FITS_WELL = 0.7
FETCH = "snakemake fetch_models, where there is a network"


@contextmanager
def open_model(
    options: TransformersOptions,
    seed: int,  # noqa: ARG001 - that of a row is in its key
    answer_schema: Mapping[str, Any],
) -> Iterator[Engine]:
    """Raises InputError where it cannot be loaded."""
    with opened_engine(options, answer_schema) as engine:
        yield engine


def fingerprint(options: TransformersOptions) -> Mapping[str, Any]:
    """The weights and all that decides an answer. Raises InputError."""
    return {**weights_identity(options), **options.decides()}


def fetch(options: TransformersOptions) -> Mapping[str, Any]:
    """Download what is not in the hub's cache; the commit that it now is. Raises InputError."""
    return fetched(options) if options.downloads() else {}


def preflight(options: TransformersOptions, subject: str) -> Iterator[Finding]:
    """The weights, and about what they take compared with what is free. Raises InputError."""
    snapshot = None if options.is_folder() else cached_snapshot(options.model, options.revision)
    if snapshot is not None:
        yield ok(subject, f"commit {snapshot.name} is in the hub's cache")
    elif not options.is_folder():
        yield _on_hub(options, subject)
        return
    elif not (options.folder() / "config.json").is_file():
        yield failure(subject, f"{options.folder()}: no config.json", "name a folder with a model")
        return
    else:
        check_complete([path for path in options.folder().iterdir() if path.is_file()])
        yield ok(subject, f"{options.folder()} is there")
    yield from _memory(options, subject)


def _on_hub(options: TransformersOptions, subject: str) -> Finding:
    from huggingface_hub import HfApi

    try:
        found = HfApi().model_info(options.model, revision=options.revision, timeout=10)
    except (OSError, ValueError) as error:
        return failure(subject, str(loading_error(options, error)), FETCH)
    commit = found.sha or "unknown"
    return warning(subject, f"commit {commit} is on the hub, not in the cache here", FETCH)


def _memory(options: TransformersOptions, subject: str) -> Iterator[Finding]:
    try:
        device = choose_device(options.device)
    except InputError as error:
        yield failure(subject, str(error), "run where the device is, or use `device: auto`")
        return
    needed = needed_bytes(options, read_config(options))
    by_gpu = _free_bytes(options, device)
    free = sum(by_gpu)
    if needed is None:
        yield warning(subject, "the files do not say how large the weights are", "")
        return
    weights = f"weights of about {needed / GB:.2f} GB"
    if needed > free:
        advice = "quantization: 4bit, more gpus, a higher vram_limit_gb, or a smaller model"
        found = f"{weights}, but {free / GB:.2f} GB are free on {device}"
        yield failure(subject, found, advice)
        return
    yield ok(subject, f"{weights}, {free / GB:.2f} GB free on {device}")
    if len(by_gpu) > 1 and needed < FITS_WELL * by_gpu[0]:
        yield warning(
            subject,
            f"fits on one GPU, and {len(by_gpu)} are no faster: their layers work in turn",
            "gpus: 1, `shards` for several GPUs at once, or provider: served with vLLM",
        )


def _free_bytes(options: TransformersOptions, device: str) -> list[int]:
    """What is free for it: on CUDA of each of the emptiest GPUs, as its job will choose them."""
    memory = options.memory(device)
    if device != "cuda":
        return [memory.free_bytes()]
    import torch

    wanted, memory.gpus = len(memory.gpus), range(torch.cuda.device_count())
    return sorted(memory.free_by_gpu().values(), reverse=True)[:wanted]
