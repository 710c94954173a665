"""The `overlap` provider: a label by how many words one text shares with another.

It has no weights. For a production judge it is the plain rule "show an answer whose words stand
in its context", which a model that is asked for its judgement should clear.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Literal

from pydantic import Field, PositiveInt

from modellab.core.io.jsonl import dump_json
from modellab.core.records import Question, Request, Response
from modellab.core.text.words import has_signs, terms
from modellab.models.protocol import Model, ModelOptions


class OverlapOptions(ModelOptions):
    """One label where enough words of one text occur in another, else another label."""

    version: ClassVar[int] = 1
    uses_prompt: ClassVar[bool] = False

    provider: Literal["overlap"]
    of: str = Field("answer", description="the text whose words are looked for: a name of `given`")
    within: str = Field("context", description="the text in which they should occur")
    threshold: float = Field(0.6, ge=0, le=1, description="the share of words from which on")
    from_letters: PositiveInt = Field(
        4, description="shorter words do not count, but in Chinese and the like"
    )
    enough: str = Field("show", description="the label from the threshold on")
    too_few: str = Field("hide", description="the label below it, and of a text without words")

    def model_id(self) -> str:
        return f"overlap/{self.threshold:g}"

    @contextmanager
    def open(self, seed: int, answer_schema: Mapping[str, Any]) -> Iterator[Model]:
        yield OverlapModel(self)


class OverlapModel:
    """Answers one request after the other."""

    def __init__(self, options: OverlapOptions) -> None:
        self._options = options

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        for request in requests:
            start = time.perf_counter()
            answer = self._label(request.question)
            yield Response(
                key=request.key,
                text=dump_json(answer),
                finish_reason="stop",
                latency_seconds=time.perf_counter() - start,
                batch_size=1,
            )

    def report(self) -> Mapping[str, Any]:
        return {}

    def _label(self, question: Question) -> dict[str, Any]:
        wanted = self._words(question.given.get(self._options.of, ""))
        there = self._words(question.given.get(self._options.within, ""))
        share = len(wanted & there) / len(wanted) if wanted else 0.0
        enough = bool(wanted) and share >= self._options.threshold
        return {
            "label": self._options.enough if enough else self._options.too_few,
            "reasoning": f"{len(wanted & there)} of {len(wanted)} words stand in the other text",
        }

    def _words(self, text: str) -> set[str]:
        least = self._options.from_letters
        # a character or two are a word in scripts without spaces
        return {word for word in terms(text) if len(word) >= least or has_signs(word)}
