"""An Ollama model: its identity, preflight check, and answers while it is loaded."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from ollama import ListResponse

from modellab.core.errors import Finding, InputError, failure, ok, warning
from modellab.models.asking.asker import AskingModel, Limits, asking_model
from modellab.models.asking.limits import Costs
from modellab.models.generators.ollama.client import OllamaClient
from modellab.models.generators.ollama.options import OllamaOptions, OllamaServerOptions
from modellab.models.generators.ollama.server import (
    OllamaServer,
    Residency,
    close_names,
    is_same,
    quantization,
    server_turn,
)


def fingerprint(options: OllamaOptions) -> Mapping[str, Any]:
    """Digest, quantisation, size, context and decoding; pulls the model if it may, never loads it.

    `context_tokens` is None where the server will choose. Raises InputError when the server
    cannot be reached, does not have the model, or the model has no such context.
    """
    return {**weights_identity(options), "think": options.think, **options.decoding()}


def weights_identity(options: OllamaServerOptions) -> dict[str, Any]:
    """The part of the fingerprint that belongs to the weights, context included."""
    with _server(options) as server:
        installed = _installed(server, options)
        shown = server.show(options.model)
    info = shown.modelinfo or {}
    wanted = options.context_tokens
    longest = info.get(f"{info.get('general.architecture')}.context_length")
    if wanted and longest and wanted > longest:
        raise InputError(
            f"context_tokens: {options.model} has a context of at most {longest} tokens, "
            f"not {wanted}"
        )
    return {
        "digest": installed.digest,
        "quantization": quantization(installed),
        "parameter_size": (installed.details and installed.details.parameter_size) or None,
        "context_tokens": wanted or _preset_context(shown.parameters or ""),
    }


@contextmanager
def open_model(
    options: OllamaOptions, seed: int, answer_schema: Mapping[str, Any]
) -> Iterator[AskingModel]:
    """The model while it is in the server's memory. Raises InputError if it cannot be loaded."""
    with resident(options) as residency:
        client = OllamaClient(options, residency.loaded, seed, answer_schema)
        limits = Limits.of(options, seed, options.max_concurrent)
        with asking_model(client, limits, Costs(None, 0), record=residency.record) as model:
            yield model


@contextmanager
def opened_embedder(
    options: OllamaServerOptions,
) -> Iterator[Callable[[Sequence[str]], Sequence[Sequence[float]]]]:
    """An embedding model while it is in the server's memory: texts to one vector each.

    Raises InputError where it does not get in, and for a text that is longer than its context.
    """
    with resident(options, embedding=True) as residency:
        server, runner = residency.server, options.runner_options()
        yield lambda texts: server.embed(options.model, texts, runner)


@contextmanager
def resident(options: OllamaServerOptions, embedding: bool = False) -> Iterator[Residency]:
    url = options.server_url()
    with nullcontext() if options.keep_others else server_turn(url), _server(options) as server:
        residency = Residency(server, options, _installed(server, options), embedding)
        try:
            residency.begin()
            yield residency
        finally:
            residency.end()


def preflight(options: OllamaOptions, subject: str) -> Iterator[Finding]:
    """The server's version, and its copy of the model. Raises InputError where none answers."""
    with _server(options) as server:
        yield ok(subject, f"Ollama {server.version()} answers")
        there = _find(server, options.model) is not None
    if there:
        yield ok(subject, f"the server has {options.model}")
    elif options.pull:
        message = f"the server will download {options.model}"
        yield warning(subject, message, f"ollama pull {options.model} before the run")
    else:
        message = f"the server does not have {options.model}"
        yield failure(subject, message, f"ollama pull {options.model}, or `pull: true`")


def _server(options: OllamaServerOptions) -> OllamaServer:
    return OllamaServer(options.server_url(), options.load_timeout_seconds, options.timeout_seconds)


def _installed(server: OllamaServer, options: OllamaServerOptions) -> ListResponse.Model:
    """The model on the server's disk; pulled first if it is not there and may be."""
    name = options.model
    found = _find(server, name)
    if found is None and options.pull:
        server.pull(name)
        found = _find(server, name)
    if found is None:
        names = [model.model or "" for model in server.tags()]
        close = close_names(name, names) or sorted(names)[:5]
        there = f"it has {', '.join(close)}" if close else "it has none at all"
        raise InputError(
            f"{server.url}: the server has no model {name} ({there}); run `ollama pull {name}`, or "
            "set `pull: true` to let the run do so"
        )
    if not found.digest:
        raise InputError(f"{server.url}: the server gives no digest of {found.model}; update it")
    return found


def _find(server: OllamaServer, name: str) -> ListResponse.Model | None:
    return next((model for model in server.tags() if is_same(model.model or "", name)), None)


def _preset_context(parameters: str) -> int | None:
    """The `num_ctx` of a model's own parameters, one `name value` per line."""
    for line in parameters.splitlines():
        match line.split():
            case ["num_ctx", value] if value.isdecimal():
                return int(value)
    return None
