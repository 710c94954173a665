"""An embedding model that an Ollama server runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, PositiveFloat, PositiveInt, field_validator

from modellab.core.secrets import VariableName
from modellab.models.embedders.pretrained import Encode, PretrainedOptions

if TYPE_CHECKING:
    from modellab.models.embedders.protocol import Vectors
    from modellab.models.generators.ollama.options import OllamaOptions


class OllamaEmbedderOptions(PretrainedOptions):
    """It is in the server's memory only while it embeds, and alone there."""

    behind_server: ClassVar[bool] = True

    kind: Literal["ollama"] = Field(description="An embedding model of an Ollama server.")
    model: str = Field(
        min_length=1, description="The full name, such as nomic-embed-text, all-minilm or bge-m3."
    )
    base_url: str | None = Field(
        default=None, description="The server; default: OLLAMA_HOST, else the usual address."
    )
    base_url_env: VariableName | None = Field(
        default=None, description="The environment variable with the server's address."
    )
    pull: bool = Field(default=False, description="Whether the server may download the model.")
    context_tokens: PositiveInt | None = Field(
        default=None, description="Room for a text (num_ctx); default: what the server chooses."
    )
    timeout_seconds: PositiveFloat = Field(
        default=600, description="The longest wait for one batch."
    )
    load_timeout_seconds: PositiveFloat = Field(
        default=900, description="The longest wait until the server has loaded the model."
    )
    unload_seconds: PositiveFloat = Field(
        default=60, description="The longest wait until a model has left the server's memory."
    )
    keep_others: bool = Field(
        default=False, description="True leaves other models in the server's memory."
    )

    @field_validator("base_url")
    @classmethod
    def _has_no_password(cls, url: str | None) -> str | None:
        from modellab.models.generators.ollama.options import check_address

        return url if url is None else check_address(url)

    def fingerprint(self) -> Mapping[str, Any]:
        """The digest of the weights, and the context. Raises InputError."""
        from modellab.models.generators.ollama import provider

        found = provider.fingerprint(self._server_options())
        cache_key_fields = ("digest", "quantization", "context_tokens")
        return {"kind": self.kind, **{key: found[key] for key in cache_key_fields}}

    @contextmanager
    def encoder(self) -> Iterator[Encode]:
        """Room is made before, and the model is unloaded after. Raises InputError.

        A text that is longer than the model's context is an error, not cut in silence.
        """
        from modellab.models.generators.ollama.provider import opened_embedder

        with opened_embedder(self._server_options()) as embed:

            def encode(texts: Sequence[str]) -> Vectors:
                import numpy as np

                return np.asarray(embed(texts), dtype=np.float32)

            yield encode

    def _server_options(self) -> OllamaOptions:
        from modellab.models.generators.ollama.options import OllamaOptions

        own = self.model_dump(exclude={"kind", *PretrainedOptions.model_fields})
        return OllamaOptions(provider="ollama", **own)
