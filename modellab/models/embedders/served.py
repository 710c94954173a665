"""An embedding model behind a server that the job starts and ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, JsonValue, NonNegativeInt, model_validator

from modellab.models.embedders.api import OpenAIEmbedderOptions
from modellab.models.embedders.pretrained import Encode, PretrainedOptions
from modellab.models.generators.served.options import ServedOptions, ServerOptions

#: arguments that make a server one of embeddings, where it does not detect that
_ARGUMENTS: Mapping[str, dict[str, JsonValue]] = {
    "llama.cpp": {"embeddings": True},
    "sglang": {"is-embedding": True},
}
_DECIDE = ("engine", "args", "environment", "command")


class ServedEmbedderOptions(ServerOptions, PretrainedOptions):
    """It runs only while it embeds."""

    behind_server: ClassVar[bool] = True

    kind: Literal["served"] = Field(description="An embedding model whose server the job starts.")
    engine: Literal["vllm", "sglang", "llama.cpp", "command"] = Field(
        description="The program that serves it; see docs/servers.md."
    )
    model: str = Field(min_length=1, description="A folder, a .gguf file or a hub id.")
    revision: str | None = Field(None, description="Branch, tag or commit on the hub.")
    gpus: NonNegativeInt = Field(0, description="How many GPUs it waits for and takes.")

    @model_validator(mode="after")
    def _check_server(self) -> Self:
        self.server()
        return self

    def server(self) -> ServedOptions:
        """The server, as a model's entry has it."""
        own = self.model_dump(exclude={"kind", "args", *PretrainedOptions.model_fields})
        args = {**_ARGUMENTS.get(self.engine, {}), **self.args}
        return ServedOptions(provider="served", args=args, **own)

    def fingerprint(self) -> Mapping[str, Any]:
        """The weights, the engine and its deciding arguments. Raises InputError."""
        from modellab.models.weights import weights_identity

        server = self.server()
        decides = {k: v for k, v in server.decides().items() if k in _DECIDE}
        return {"kind": self.kind, **weights_identity(server), **decides}

    @contextmanager
    def encoder(self) -> Iterator[Encode]:
        """Raises InputError where the server does not start, or ends while it embeds."""
        from modellab.models.generators.openai.provider import Address
        from modellab.models.generators.served.provider import started
        from modellab.models.gpu import lease

        with ExitStack() as stack:
            if self.gpus:
                stack.enter_context(lease(self.gpus, job=f"embedding by {self.model}"))
            server, name = stack.enter_context(started(self.server(), ".embedder.log"))
            asked = OpenAIEmbedderOptions(
                kind="openai", model=self.model, timeout_seconds=self.timeout_seconds, max_retries=2
            )
            address = Address(name, f"{server.address}/v1", None)
            yield stack.enter_context(asked.encoder_at(address))
