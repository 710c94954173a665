"""The generator `coin`: yes or no by chance, the floor that a model should clear."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from pydantic import Field

from modellab.core.records import Request, Response
from modellab.models.protocol import Model, ModelOptions


class CoinOptions(ModelOptions):
    """Yes or no by chance, the same for the same question and side."""

    provider: Literal["coin"] = Field(description="Yes or no by chance.")
    yes_rate: float = Field(0.5, ge=0, le=1, description="how often it says yes")

    def model_id(self) -> str:
        return "coin"

    @contextmanager
    def open(self, seed: int, answer_schema: Mapping[str, Any]) -> Iterator[Model]:
        yield CoinModel(self.yes_rate, seed)


class CoinModel(Model):
    """Answers one request after the other."""

    def __init__(self, yes_rate: float, seed: int) -> None:
        self._yes_rate, self._seed = yes_rate, seed

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        for request in requests:
            drawn = hashlib.sha256(f"{self._seed} {request.question.text}".encode()).digest()[0]
            word = "Yes" if drawn < 256 * self._yes_rate else "No"
            yield Response(key=request.key, text=f"{word}, by chance.", finish_reason="stop")
