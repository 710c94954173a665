"""Options of the `extractive` provider."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Literal

from pydantic import Field, PositiveInt

from modellab.core.io.jsonl import dump_json
from modellab.core.records import Passage, Question, Request, Response
from modellab.models.generators.extractive.reader import Reader
from modellab.models.protocol import Model, ModelOptions


class ExtractiveOptions(ModelOptions):
    """A reader without weights: the best sentence, then the wanted number or name in it.

    For tasks that do not ask for a value the answer is the sentence.
    """

    version: ClassVar[int] = 2
    uses_prompt: ClassVar[bool] = False

    provider: Literal["extractive"]
    match: Literal["words", "rare-words"] = Field(
        "rare-words", description="whether words that few sentences hold weigh more in a match"
    )
    read_units: bool = Field(
        True, description="whether a number needs the wanted unit to be an answer"
    )
    threshold: float = Field(
        0.3, ge=0, le=1, description="the share of the question a sentence must match to be used"
    )
    depth: PositiveInt = Field(3, description="how many sentences are tried, best first")

    def model_id(self) -> str:
        return f"extractive/{self.match}{'+units' if self.read_units else ''}"

    def constrained(self) -> bool:
        """The fields that the task wants decide whether a value or a sentence is given."""
        return True

    @contextmanager
    def open(self, seed: int, answer_schema: Mapping[str, Any]) -> Iterator[Model]:
        reader = Reader(self.match == "rare-words", self.read_units, self.threshold, self.depth)
        wants_value = "answer_value" in answer_schema.get("properties", {"answer_value": {}})
        yield ExtractiveModel(reader.read if wants_value else reader.read_sentence)


class ExtractiveModel:
    """Answers one request after the other."""

    def __init__(self, read: Callable[[Question, Sequence[Passage]], dict[str, Any]]) -> None:
        self._read = read

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        for request in requests:
            start = time.perf_counter()
            answer = self._read(request.question, request.passages)
            yield Response(
                key=request.key,
                text=dump_json(answer),
                finish_reason="stop",
                latency_seconds=time.perf_counter() - start,
                batch_size=1,
            )

    def report(self) -> Mapping[str, Any]:
        return {}
