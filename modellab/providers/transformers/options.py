"""Options of the `transformers` provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, PositiveInt

from modellab.providers.chat import ChatOptions
from modellab.providers.protocol import Model


class TransformersOptions(ChatOptions):
    """A causal language model that runs in this process, on CPU, CUDA or MPS."""

    version: ClassVar[int] = 1

    provider: Literal["transformers"]
    model: str = Field(description="a folder with weights and tokenizer, or a hub id")
    revision: str | None = Field(None, description="branch, tag or commit on the hub")
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = Field(
        "auto", description="number format of the weights; auto: as they were saved"
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        "auto", description="where it runs; auto: CUDA, then MPS, then CPU"
    )
    trust_remote_code: bool = Field(
        False, description="whether code that comes with the weights may run here"
    )
    batch_tokens: PositiveInt = Field(
        16384, description="prompt and answer tokens in one batch, padding included"
    )

    def model_id(self) -> str:
        return self.model

    def gpu_need(self) -> int:
        return 0 if self.device == "cpu" else 1

    def files(self) -> Mapping[str, Path]:
        return {"model": Path(self.model)} if self.is_folder() else {}

    def is_folder(self) -> bool:
        """A hub id is `name` or `owner/name`; all else, and what exists here, is a folder."""
        looks_local = self.model.startswith((".", "/", "~")) or self.model.count("/") > 1
        return looks_local or Path(self.model).exists()

    def identity(self) -> Mapping[str, Any]:
        from modellab.providers.transformers.weights import weights_identity

        keys = ["dtype", "trust_remote_code"]
        if self.dtype != "float32":
            # in low precision the padding of a batch may change a token
            keys.append("batch_tokens")
        own = self.model_dump(mode="json", include=set(keys))
        return {**weights_identity(self), **self.decoding(), **own}

    @contextmanager
    def open(self, seed: int, answer_schema: Mapping[str, Any]) -> Iterator[Model]:
        from modellab.providers.transformers.engine import load_engine

        yield load_engine(self)
