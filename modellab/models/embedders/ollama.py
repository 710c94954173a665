"""An embedding model that an Ollama server runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from modellab.models.embedders.pretrained import Encode, PretrainedOptions
from modellab.models.generators.ollama.options import OllamaServerOptions

if TYPE_CHECKING:
    from modellab.models.embedders.protocol import Vectors


class OllamaEmbedderOptions(OllamaServerOptions, PretrainedOptions):
    """It is in the server's memory only while it embeds, and alone there."""

    behind_server: ClassVar[bool] = True

    kind: Literal["ollama"] = Field(description="An embedding model of an Ollama server.")
    model: str = Field(
        min_length=1, description="The full name, such as nomic-embed-text, all-minilm or bge-m3."
    )

    def fingerprint(self) -> Mapping[str, Any]:
        """The digest of the weights, and the context. Raises InputError."""
        from modellab.models.generators.ollama.provider import weights_identity

        found = weights_identity(self)
        keys = ("digest", "quantization", "context_tokens")
        return {"kind": self.kind, **{key: found[key] for key in keys}}

    @contextmanager
    def encoder(self) -> Iterator[Encode]:
        """Room is made before, and the model is unloaded after. Raises InputError.

        A text that is longer than the model's context is an error, not truncated silently.
        """
        import numpy as np

        from modellab.models.generators.ollama.provider import opened_embedder

        with opened_embedder(self) as embed:

            def encode(texts: Sequence[str]) -> Vectors:
                return np.asarray(embed(texts), dtype=np.float32)

            yield encode
