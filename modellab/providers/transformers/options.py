"""Options of the `transformers` provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, PositiveInt

from modellab.providers.protocol import Model, ModelOptions


class TransformersOptions(ModelOptions):
    """A causal language model that runs in this process, on CPU, CUDA or MPS."""

    version: ClassVar[int] = 1

    provider: Literal["transformers"]
    model: str = Field(description="a folder with weights and tokenizer, or a hub id")
    revision: str | None = Field(None, description="branch, tag or commit on the hub")
    prompt: Path | None = Field(None, description="a prompt template of its own")
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = Field(
        "auto", description="number format of the weights; auto: as they were saved"
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        "auto", description="where it runs; auto: CUDA, then MPS, then CPU"
    )
    trust_remote_code: bool = Field(
        False, description="whether code that comes with the weights may run here"
    )
    max_new_tokens: PositiveInt = Field(256, description="the longest answer, in tokens")
    temperature: float = Field(0.0, ge=0, description="0: always the likeliest token")
    top_p: float = Field(1.0, gt=0, le=1, description="sample from this share of probability")
    batch_tokens: PositiveInt = Field(
        16384, description="prompt and answer tokens in one batch, padding included"
    )

    def model_id(self) -> str:
        return self.model

    def gpu_need(self) -> int:
        return 0 if self.device == "cpu" else 1

    def samples(self) -> bool:
        return self.temperature > 0

    def files(self) -> Mapping[str, Path]:
        return {"model": Path(self.model)} if self.is_folder() else {}

    def is_folder(self) -> bool:
        """A hub id is `name` or `owner/name`; all else, and what exists here, is a folder."""
        looks_local = self.model.startswith((".", "/", "~")) or self.model.count("/") > 1
        return looks_local or Path(self.model).exists()

    def identity(self) -> Mapping[str, Any]:
        from modellab.providers.transformers.weights import weights_identity

        keys = ["dtype", "max_new_tokens", "trust_remote_code"]
        if self.samples():
            keys += ["temperature", "top_p"]
        if self.dtype != "float32":
            # in low precision the padding of a batch may change a token
            keys.append("batch_tokens")
        options = self.decisive()
        return {**weights_identity(self), **{key: options[key] for key in keys}}

    @contextmanager
    def open(self, seed: int) -> Iterator[Model]:
        from modellab.providers.transformers.engine import load_engine

        yield load_engine(self)
