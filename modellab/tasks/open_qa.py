"""Open questions: an answer in free text, with or without passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.records import Passage, Question, Status
from modellab.retrieval.words import words
from modellab.tasks.json_reading import (
    SeveralObjectsError,
    field_text,
    the_object,
    without_thoughts,
)
from modellab.tasks.protocol import Parsed, TaskOptions
from modellab.wattbot_blank import is_blank

_NEEDED = "answer"
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {_NEEDED: {"type": "string"}},
    "required": [_NEEDED],
    "additionalProperties": False,
}


class OpenQaOptions(TaskOptions):
    """Free-text answers that are compared with a reference text."""

    prompt: ClassVar[str] = "open_qa.jinja"

    kind: Literal["open_qa"] = Field(description="Free-text questions and answers.")
    no_answer: str = Field(
        "The documents do not say.",
        min_length=1,
        description="what a model is told to write where it cannot answer",
    )

    def make(self) -> OpenQa:
        return OpenQa(self.no_answer)

    def refuse(self, question: Question) -> str | None:
        truth = question.truth.get("answer")
        if truth is None:
            return "there is no answer to compare with (key or column `answer`)"
        return None if words(truth) else "the answer to compare with is empty"


class OpenQa:
    """A prompt may use `question`, `given`, `passages` and `no_answer`."""

    fields: tuple[str, ...] = ("answer",)
    schema: Mapping[str, Any] = SCHEMA

    def __init__(self, no_answer: str) -> None:
        self._no_answer = no_answer

    def variables(self, question: Question, passages: Sequence[Passage]) -> dict[str, Any]:
        return {
            "question": question.text,
            "given": dict(question.given),
            "passages": passages,
            "no_answer": self._no_answer,
        }

    def parse(self, text: str) -> Parsed:
        """The whole text without thoughts, or `answer` where it is a JSON object.

        An empty text, thoughts without an end, an object without `answer` and several objects that
        differ are UNPARSED; the words that the model was told to write where it cannot answer are
        an abstention.
        """
        try:
            answer = _answer(without_thoughts(text).strip())
        except SeveralObjectsError as problem:
            return Parsed(Status.UNPARSED, reason=str(problem))
        if not answer:
            return Parsed(Status.UNPARSED)
        silent = is_blank(answer) or words(answer) == words(self._no_answer)
        return Parsed(Status.ABSTAINED if silent else Status.ANSWERED, {"answer": answer})


def _answer(text: str) -> str:
    if not text.startswith(("{", "```")):
        return field_text(text)
    data = the_object(text, (_NEEDED,))
    if data is None:
        return field_text(text)
    return field_text(data.get(_NEEDED, "")).strip()
