"""An Ollama model: what it is, whether it is there, and its answers while it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from modellab.core.errors import InputError
from modellab.core.findings import Finding, failure, ok, warning
from modellab.core.records import Request, Response
from modellab.models.asking.asker import Limits
from modellab.models.asking.background import AskingModel, asking_model
from modellab.models.asking.costs import Costs
from modellab.models.generators.ollama.client import OllamaClient
from modellab.models.generators.ollama.options import OllamaOptions
from modellab.models.generators.ollama.residency import Residency
from modellab.models.generators.ollama.server import (
    Installed,
    Server,
    Shown,
    close_names,
    is_same,
    server_turn,
)
from modellab.models.protocol import Stopped

#: seconds; no request is sent again later than this after its first time
RETRY_SECONDS = 600.0


def fingerprint(options: OllamaOptions) -> Mapping[str, Any]:
    """Digest, quantisation, size, context and decoding; pulls the model if it may, never loads it.

    `context_tokens` is None where the server will choose. Raises InputError when the server
    cannot be reached, does not have the model, or the model has no such context.
    """
    with _server(options) as server:
        installed = _installed(server, options)
        shown = server.show(options.model)
    _check_context(options, shown)
    return {
        "digest": installed.digest,
        "quantization": installed.quantization,
        "parameter_size": installed.parameter_size,
        "context_tokens": options.context_tokens or shown.preset_context,
        "think": options.think,
        **options.decoding(),
    }


@contextmanager
def open_model(
    options: OllamaOptions, seed: int, answer_schema: Mapping[str, Any]
) -> Iterator[OllamaModel]:
    """The model while it is in the server's memory. Raises InputError where it does not get in."""
    url = options.server_url()
    with nullcontext() if options.keep_others else server_turn(url), _server(options) as server:
        residency = Residency(server, options, _installed(server, options))
        try:
            loaded = residency.begin()
            client = OllamaClient(url, options, loaded, seed, answer_schema)
            with asking_model(client, _limits(options, seed), Costs(None, 0)) as asking:
                yield OllamaModel(options, asking, residency.record)
        finally:
            residency.end()


@contextmanager
def opened_embedder(
    options: OllamaOptions,
) -> Iterator[Callable[[Sequence[str]], Sequence[Sequence[float]]]]:
    """An embedding model while it is in the server's memory: texts to one vector each.

    Raises InputError where it does not get in, and for a text that is longer than its context.
    """
    url = options.server_url()
    with (
        nullcontext() if options.keep_others else server_turn(url),
        Server(url, options.load_timeout_seconds, options.timeout_seconds) as server,
    ):
        residency = Residency(server, options, _installed(server, options), embedding=True)
        try:
            residency.begin()
            yield lambda texts: server.embed(options.model, texts, options.runner_options())
        finally:
            residency.end()


class OllamaModel:
    """Asks the server; its report tells what became of the server's memory, too."""

    def __init__(
        self, options: OllamaOptions, asking: AskingModel, record: Mapping[str, Any]
    ) -> None:
        self._options = options
        self._asking = asking
        self._record = record

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        """Raises InputError when requests have images and the model reads none."""
        asks_for = any(message.images for request in requests for message in request.messages)
        if asks_for and not self._record["reads_images"]:
            raise InputError(
                f"{self._options.model} reads no images, and the questions have some; choose a "
                "model with the capability `vision`"
            )
        return self._asking.answer(requests)

    def report(self) -> Mapping[str, Any]:
        """Traffic, server, digest, memory, what was unloaded, warnings."""
        return {**self._asking.report(), **self._record}

    def stopped(self) -> Stopped | None:
        return self._asking.stopped()


def preflight(options: OllamaOptions, subject: str) -> Iterator[Finding]:
    """The server's version, and its copy of the model. Raises InputError where none answers."""
    with Server(options.server_url()) as server:
        yield ok(subject, f"Ollama {server.version()} answers")
        there = any(is_same(model.name, options.model) for model in server.tags())
    if there:
        yield ok(subject, f"the server has {options.model}")
    elif options.pull:
        message = f"the server will download {options.model}"
        yield warning(subject, message, f"ollama pull {options.model} before the run")
    else:
        message = f"the server does not have {options.model}"
        yield failure(subject, message, f"ollama pull {options.model}, or `pull: true`")


def _limits(options: OllamaOptions, seed: int) -> Limits:
    return Limits.of(
        options.model,
        seed,
        max_concurrent=options.max_concurrent,
        timeout_seconds=options.timeout_seconds,
        max_retries=options.max_retries,
        max_retry_seconds=RETRY_SECONDS,
    )


def _server(options: OllamaOptions) -> Server:
    return Server(options.server_url(), options.load_timeout_seconds)


def _installed(server: Server, options: OllamaOptions) -> Installed:
    """The model on the server's disk; pulled first if it is not there and may be."""
    tags = server.tags()
    found = _find(tags, options.model)
    if found is None and options.pull:
        server.pull(options.model)
        found = _find(server.tags(), options.model)
    if found is None:
        raise InputError(_unknown(server.url, options.model, [model.name for model in tags]))
    if not found.digest:
        raise InputError(f"{server.url}: the server gives no digest of {found.name}; update it")
    return found


def _find(tags: Sequence[Installed], name: str) -> Installed | None:
    return next((model for model in tags if is_same(model.name, name)), None)


def _unknown(url: str, name: str, names: Sequence[str]) -> str:
    close = close_names(name, names) or sorted(names)[:5]
    there = f"it has {', '.join(close)}" if close else "it has none at all"
    return (
        f"{url}: the server has no model {name} ({there}); run `ollama pull {name}`, or set "
        "`pull: true` to let the run do so"
    )


def _check_context(options: OllamaOptions, shown: Shown) -> None:
    wanted, longest = options.context_tokens, shown.longest_context
    if wanted and longest and wanted > longest:
        raise InputError(
            f"context_tokens: {options.model} has a context of at most {longest} tokens, "
            f"not {wanted}"
        )
