"""A model's stay in the server's memory: room made before, loaded once, gone afterwards."""

from __future__ import annotations

import logging
import time
from typing import Any

from modellab.core.errors import InputError
from modellab.models.generators.ollama.client import Loaded
from modellab.models.generators.ollama.options import OllamaOptions
from modellab.models.generators.ollama.server import Installed, Resident, Server, is_same

log = logging.getLogger(__name__)


class Residency:
    """Loads and unloads one model, and keeps the record of it."""

    def __init__(
        self,
        server: Server,
        options: OllamaOptions,
        installed: Installed,
        embedding: bool = False,
    ) -> None:
        self._server = server
        self._embedding = embedding
        self._options = options
        self._installed = installed
        self._name = options.model
        self._mine = True
        self._asked_to_load = False
        self.record: dict[str, Any] = {
            "server": server.url,
            "server_version": server.version(),
            "model": installed.name,
            "digest": installed.digest,
            "reads_images": "vision" in server.show(options.model).capabilities,
            "unloaded_before": [],
            "others": [],
            "warnings": [],
        }

    def begin(self) -> Loaded:
        """Make room, then load. Raises InputError where either cannot be done."""
        for resident in self._server.ps():
            if not self._options.keep_others:
                self._make_room(resident)
            elif self._is_model(resident):
                self._mine = False
        self._load()
        self._look()
        return Loaded(self._installed.quantization, self.record.get("context_length"))

    def end(self) -> None:
        """Unload what `begin` loaded. What goes wrong is a warning: the answers are there."""
        if not (self._asked_to_load and self._mine):
            return
        start = time.perf_counter()
        wait = self._options.unload_seconds
        try:
            gone = self._server.unload(self._name, wait)
        except InputError as error:
            gone = False
            self._warn(f"{self._name} could not be unloaded: {error}")
        else:
            if not gone:
                self._warn(f"{self._name} was still in memory after {wait:g} s")
        self.record["unloaded"] = gone
        self.record["unload_seconds"] = time.perf_counter() - start

    def _make_room(self, resident: Resident) -> None:
        url, wait = self._server.url, self._options.unload_seconds
        log.warning(
            "%s: unloading %s, which is in memory (`keep_others: true` would let it stay)",
            url,
            resident.name,
        )
        if not self._server.unload(resident.name, wait):
            raise InputError(
                f"{url}: {resident.name} is still in memory {wait:g} s after unloading; "
                "let the requests on it end, raise `unload_seconds`, or set `keep_others: true`"
            )
        self.record["unloaded_before"].append(resident.name)

    def _load(self) -> None:
        model = self._options.model
        start = time.perf_counter()
        self._asked_to_load = True
        try:
            self._server.load(model, self._options.runner_options(), self._embedding)
        except InputError as error:
            raise InputError(
                f"{model} cannot be loaded: {error}. If memory is short: a smaller quantisation, "
                "fewer `context_tokens`; if it is slow: raise `load_timeout_seconds`"
            ) from error
        self.record["load_seconds"] = time.perf_counter() - start

    def _look(self) -> None:
        """What the server says of the loaded model, and whether it is alone."""
        residents = self._server.ps()
        others = [resident.name for resident in residents if not self._is_model(resident)]
        self.record["others"] = others
        if others and not self._options.keep_others:
            self._warn(f"loaded by others meanwhile, and in memory too: {', '.join(others)}")
        for resident in residents:
            if self._is_model(resident):
                self._describe(resident)
                return
        self._warn(f"{self._options.model} is loaded, but the server does not list it")

    def _describe(self, resident: Resident) -> None:
        self._name = resident.name
        self.record |= {
            "size_bytes": resident.size,
            "size_vram_bytes": resident.size_vram,
            "context_length": resident.context_length,
        }
        wanted, given = self._options.context_tokens, resident.context_length
        if wanted and given and given < wanted:
            self._warn(f"the server gave a context of {given} tokens, not of {wanted}")

    def _is_model(self, resident: Resident) -> bool:
        """By name, or as a copy under another name: the server holds those only once."""
        same = resident.digest is not None and resident.digest == self._installed.digest
        return same or is_same(resident.name, self._options.model)

    def _warn(self, message: str) -> None:
        log.warning("%s: %s", self._server.url, message)
        self.record["warnings"].append(message)
