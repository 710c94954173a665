"""Baselines that answer by rules, without weights: a language model should beat them."""

import re
import time
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, PositiveInt

from modellab.core.io.jsonl import dump_json
from modellab.core.records import Request, Response
from modellab.core.text.words import has_signs, terms
from modellab.models.protocol import Model, ModelOptions


def _check_pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {text!r} ({error})") from None
    return text


Pattern = Annotated[str, AfterValidator(_check_pattern)]


class BaselineOptions(ModelOptions):
    """A baseline in this process, without a prompt."""

    uses_prompt: ClassVar[bool] = False
    #: whether the time of an answer is the model's own
    timed: ClassVar[bool] = True

    @abstractmethod
    def fields(self, request: Request, answer_schema: Mapping[str, Any]) -> dict[str, Any]:
        """The answer's fields."""

    @contextmanager
    def open(self, seed: int, answer_schema: Mapping[str, Any]) -> Iterator[Model]:
        yield BaselineModel(self, answer_schema)


class BaselineModel(Model):
    """Answers one request after the other."""

    def __init__(self, options: BaselineOptions, answer_schema: Mapping[str, Any]) -> None:
        self._options, self._schema = options, answer_schema

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        for request in requests:
            start = time.perf_counter()
            text = dump_json(self._options.fields(request, self._schema))
            timed = self._options.timed
            yield Response(
                key=request.key,
                text=text,
                finish_reason="stop",
                latency_seconds=time.perf_counter() - start if timed else None,
                batch_size=1 if timed else None,
            )


class PassagesOptions(BaselineOptions):
    """The ids of the retrieved passages and of their documents, in their order.

    It represents a retriever where retrievers alone are compared (the task `retrieval`).
    """

    # finding the passages is measured by the retriever
    timed: ClassVar[bool] = False

    provider: Literal["passages"]

    def fields(self, request: Request, answer_schema: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "documents": [passage.document_id for passage in request.passages],
            "chunks": [passage.chunk_id for passage in request.passages],
        }


class KeywordsOptions(BaselineOptions):
    """The first label whose pattern occurs in the text; case does not matter.

    It shows what a list of words reaches on a `label` dataset.
    """

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

    def fields(self, request: Request, answer_schema: Mapping[str, Any]) -> dict[str, Any]:
        question = request.question
        text = "\n".join((question.text, *question.inputs.values()))
        found = {name: _first_match(patterns, text) for name, patterns in self.labels.items()}
        label = next((name for name, match in found.items() if match), self.otherwise)
        match = found.get(label)
        return {
            "label": label,
            "reasoning": f"found {match!r}" if match else "no pattern fits",
            "tags": [name for name, patterns in self.tags.items() if _first_match(patterns, text)],
        }


def _first_match(patterns: Sequence[str], text: str) -> str | None:
    matches = (re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
    return next((match.group() for match in matches if match and match.group()), None)


class OverlapOptions(BaselineOptions):
    """One label where enough words of one text occur in another, else another label.

    For a production judge it is the plain rule "show an answer whose words are in its context".
    """

    provider: Literal["overlap"]
    of: str = Field("answer", description="the text whose words are looked for: a name of `inputs`")
    within: str = Field("context", description="the text in which they should occur")
    threshold: float = Field(0.6, ge=0, le=1, description="the lowest share of words for `enough`")
    from_letters: PositiveInt = Field(
        4, description="shorter words do not count, except in Chinese and similar scripts"
    )
    enough: str = Field("show", description="the label from the threshold on")
    too_few: str = Field("hide", description="the label below it, and of a text without words")

    def model_id(self) -> str:
        return f"overlap/{self.threshold:g}"

    def fields(self, request: Request, answer_schema: Mapping[str, Any]) -> dict[str, Any]:
        wanted, there = (
            # a character or two are a word in scripts without spaces
            {word for word in terms(text) if len(word) >= self.from_letters or has_signs(word)}
            for text in (request.question.inputs.get(name, "") for name in (self.of, self.within))
        )
        share = len(wanted & there) / len(wanted) if wanted else 0.0
        enough = bool(wanted) and share >= self.threshold
        return {
            "label": self.enough if enough else self.too_few,
            "reasoning": f"{len(wanted & there)} of {len(wanted)} words are in the other text",
        }
