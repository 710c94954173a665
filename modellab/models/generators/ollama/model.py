"""An Ollama model: what it is, and its answers while the server holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from typing import Any

from ollama import Client

from modellab.core.errors import InputError
from modellab.core.records import Request, Response
from modellab.models.generators.ollama.asking import Asker
from modellab.models.generators.ollama.names import close_names, is_same
from modellab.models.generators.ollama.options import OllamaOptions
from modellab.models.generators.ollama.residency import Residency
from modellab.models.generators.ollama.server import Installed, Server, Shown
from modellab.models.generators.ollama.turn import server_turn


def identity_of(options: OllamaOptions) -> Mapping[str, Any]:
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
def opened_model(
    options: OllamaOptions, seed: int, schema: Mapping[str, Any]
) -> Iterator[OllamaModel]:
    """The model while it is in the server's memory. Raises InputError where it does not get in."""
    url = options.server_url()
    with (
        nullcontext() if options.keep_others else server_turn(url),
        _server(options) as server,
        Client(url, timeout=options.timeout_seconds) as client,
    ):
        installed = _installed(server, options)
        residency = Residency(server, options, installed)
        try:
            loaded = residency.begin()
            asker = Asker(client, options, loaded, seed, schema)
            yield OllamaModel(options, asker, residency.record)
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
    """Asks the server, up to `max_concurrent` requests at a time."""

    def __init__(self, options: OllamaOptions, asker: Asker, record: Mapping[str, Any]) -> None:
        self._options = options
        self._asker = asker
        self._record = record

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        """Raises InputError when requests have images and the model reads none."""
        self._check_images(requests)
        with ThreadPoolExecutor(self._options.max_concurrent, "ollama") as pool:
            try:
                waiting = [pool.submit(self._asker.ask, request) for request in requests]
                for done in as_completed(waiting):
                    yield done.result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def report(self) -> Mapping[str, Any]:
        """Server, digest, memory, what was unloaded, warnings."""
        return dict(self._record)

    def _check_images(self, requests: Sequence[Request]) -> None:
        asks_for = any(message.images for request in requests for message in request.messages)
        if asks_for and not self._record["reads_images"]:
            raise InputError(
                f"{self._options.model} reads no images, and the questions have some; choose a "
                "model with the capability `vision`"
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
