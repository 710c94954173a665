"""Whether an Ollama server answers and has the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from modellab.core.findings import Finding, failure, ok, warning
from modellab.models.generators.ollama.names import is_same
from modellab.models.generators.ollama.server import Server

if TYPE_CHECKING:
    from modellab.models.generators.ollama.options import OllamaOptions


def preflight(options: OllamaOptions, subject: str) -> Iterator[Finding]:
    """The server's version, and its copy of the model. Raises InputError where none answers."""
    with Server(options.server_url()) as server:
        yield ok(subject, f"Ollama {server.version()} answers")
        there = any(is_same(model.name, options.model) for model in server.tags())
    if there:
        yield ok(subject, f"the server has {options.model}")
    elif options.pull:
        told = f"the server will download {options.model}"
        yield warning(subject, told, f"ollama pull {options.model} before the run")
    else:
        told = f"the server does not have {options.model}"
        yield failure(subject, told, f"ollama pull {options.model}, or `pull: true`")
