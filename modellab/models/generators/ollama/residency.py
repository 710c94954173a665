"""A model's time in the server's memory: room made before, loaded once, unloaded afterwards."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any

from ollama import ListResponse, ProcessResponse

from modellab.core.errors import InputError
from modellab.models.generators.ollama.options import OllamaServerOptions
from modellab.models.generators.ollama.server import Server, is_same, quantization

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loaded:
    """The loaded model, as the server describes it."""

    quantization: str | None
    context_length: int | None
    reads_images: bool


class Residency:
    """Loads and unloads one model. `record` is for the run's record."""

    def __init__(
        self,
        server: Server,
        options: OllamaServerOptions,
        installed: ListResponse.Model,
        embedding: bool,
    ) -> None:
        self.server = server
        self._embedding = embedding
        self._options = options
        self._installed = installed
        self._name = options.model
        self._mine = True
        self._asked_to_load = False
        self.record: dict[str, Any] = {
            "server": server.url,
            "server_version": server.version(),
            "model": installed.model,
            "digest": installed.digest,
            "reads_images": "vision" in (server.show(options.model).capabilities or ()),
            "unloaded_before": [],
            "others": [],
            "warnings": [],
        }

    @property
    def loaded(self) -> Loaded:
        context, images = self.record.get("context_length"), self.record["reads_images"]
        return Loaded(quantization(self._installed), context, images)

    def begin(self) -> None:
        """Make room, then load. Raises InputError where either cannot be done."""
        for other in self.server.ps():
            if not self._options.keep_others:
                self._make_room(_name(other))
            elif self._is_model(other):
                self._mine = False
        self._load()
        residents = self.server.ps()
        others = [_name(other) for other in residents if not self._is_model(other)]
        self.record["others"] = others
        if others and not self._options.keep_others:
            self._warn(f"loaded by others meanwhile, and in memory too: {', '.join(others)}")
        mine = next((one for one in residents if self._is_model(one)), None)
        if mine is None:
            self._warn(f"{self._options.model} is loaded, but the server does not list it")
            return
        self._name = _name(mine)
        self.record |= {
            "size_bytes": mine.size,
            "size_vram_bytes": mine.size_vram,
            "context_length": mine.context_length,
        }
        wanted, given = self._options.context_tokens, mine.context_length
        if wanted and given and given < wanted:
            self._warn(f"the server gave a context of {given} tokens, not of {wanted}")

    def end(self) -> None:
        """Unload what `begin` loaded. A failure is only a warning: the answers are there."""
        if not (self._asked_to_load and self._mine):
            return
        start = time.perf_counter()
        wait, gone = self._options.unload_seconds, False
        try:
            gone = self.server.unload(self._name, wait)
            if not gone:
                self._warn(f"{self._name} was still in memory after {wait:g} s")
        except InputError as error:
            self._warn(f"{self._name} could not be unloaded: {error}")
        self.record["unloaded"] = gone
        self.record["unload_seconds"] = time.perf_counter() - start

    def _make_room(self, name: str) -> None:
        url, wait = self.server.url, self._options.unload_seconds
        log.warning(
            "%s: unloading %s, which is in memory (`keep_others: true` would keep it)", url, name
        )
        if not self.server.unload(name, wait):
            raise InputError(
                f"{url}: {name} is still in memory {wait:g} s after unloading; "
                "let the requests on it end, raise `unload_seconds`, or set `keep_others: true`"
            )
        self.record["unloaded_before"].append(name)

    def _load(self) -> None:
        model = self._options.model
        start = time.perf_counter()
        self._asked_to_load = True
        try:
            self.server.load(model, self._options.runner_options(), self._embedding)
        except InputError as error:
            raise InputError(
                f"{model} cannot be loaded: {error}. If memory is short: a smaller quantisation, "
                "fewer `context_tokens`; if it is slow: raise `load_timeout_seconds`"
            ) from error
        self.record["load_seconds"] = time.perf_counter() - start

    def _is_model(self, other: ProcessResponse.Model) -> bool:
        """By name, or as a copy under another name: the server holds those only once."""
        same = other.digest is not None and other.digest == self._installed.digest
        return same or is_same(_name(other), self._options.model)

    def _warn(self, message: str) -> None:
        log.warning("%s: %s", self.server.url, message)
        self.record["warnings"].append(message)


def _name(model: ProcessResponse.Model) -> str:
    return model.model or model.name or ""
