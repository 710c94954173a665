"""The `keywords` provider: labels by regular expressions. It has no weights.

It is the floor that a model should clear on a `label` dataset: what a list of words reaches.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from modellab.core.io.jsonl import dump_json
from modellab.core.records import Question, Request, Response
from modellab.models.protocol import Model, ModelOptions


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {text!r} ({error})") from None
    return text


Pattern = Annotated[str, AfterValidator(_pattern)]


class KeywordsOptions(ModelOptions):
    """The first label whose pattern occurs in the text; case does not matter."""

    version: ClassVar[int] = 1
    uses_prompt: ClassVar[bool] = False

    provider: Literal["keywords"]
    labels: dict[str, tuple[Pattern, ...]] = Field(
        min_length=1, description="by label: regular expressions; the first label that fits counts"
    )
    otherwise: str = Field(description="the label of a text that no pattern fits")
    tags: dict[str, tuple[Pattern, ...]] = Field(
        default_factory=dict, description="by tag: regular expressions; all tags that fit count"
    )

    def model_id(self) -> str:
        return "keywords"

    @contextmanager
    def open(self, seed: int, answer_schema: Mapping[str, Any]) -> Iterator[Model]:
        yield KeywordsModel(self)


class KeywordsModel:
    """Answers one request after the other."""

    def __init__(self, options: KeywordsOptions) -> None:
        self._labels = _compiled(options.labels)
        self._tags = _compiled(options.tags)
        self._otherwise = options.otherwise

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        for request in requests:
            start = time.perf_counter()
            answer = self._label(_seen(request.question))
            yield Response(
                key=request.key,
                text=dump_json(answer),
                finish_reason="stop",
                latency_seconds=time.perf_counter() - start,
                batch_size=1,
            )

    def report(self) -> Mapping[str, Any]:
        return {}

    def _label(self, text: str) -> dict[str, Any]:
        found = {name: _first_match(patterns, text) for name, patterns in self._labels.items()}
        label = next((name for name, match in found.items() if match), self._otherwise)
        match = found.get(label)
        return {
            "label": label,
            "reasoning": f"found {match!r}" if match else "no pattern fits",
            "tags": [name for name, patterns in self._tags.items() if _first_match(patterns, text)],
        }


def _seen(question: Question) -> str:
    """The text and what is shown beside it."""
    return "\n".join((question.text, *question.given.values()))


def _compiled(patterns: Mapping[str, Sequence[str]]) -> dict[str, list[re.Pattern[str]]]:
    return {
        name: [re.compile(text, re.IGNORECASE) for text in texts]
        for name, texts in patterns.items()
    }


def _first_match(patterns: Sequence[re.Pattern[str]], text: str) -> str | None:
    matches = (pattern.search(text) for pattern in patterns)
    return next((match.group() for match in matches if match and match.group()), None)
