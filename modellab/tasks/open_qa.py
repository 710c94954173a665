"""Open questions: an answer in free text, with or without passages."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.records import Passage, Question, Status
from modellab.tasks.json_reading import (
    SeveralObjectsError,
    field_text,
    the_object,
    without_thoughts,
)
from modellab.tasks.protocol import Parsed, TaskOptions
from modellab.text.words import words
from modellab.wattbot_blank import is_blank

_NEEDED = "answer"
#: an answer of these alone is none; one of other signs is, such as + or -
_SAYS_NOTHING = string.whitespace + "?!.,;:\u2026"
#: whole answers by which models and data sets say that there is no answer
ABSTENTIONS = (
    "I don't know.",
    "I do not know.",
    "No answer.",
    "Unanswerable.",
    "Not answerable.",
    "Cannot be answered.",
    "Not stated in the documents.",
    "Not mentioned in the documents.",
    "The documents do not contain the answer.",
    "The context does not provide this information.",
    "There is no answer in the documents.",
)
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {_NEEDED: {"type": "string"}},
    "required": [_NEEDED],
    "additionalProperties": False,
}


class OpenQaOptions(TaskOptions):
    """Free-text answers that are compared with a reference text."""

    prompt: ClassVar[str] = "open_qa.jinja"
    true_field: ClassVar[str] = _NEEDED

    kind: Literal["open_qa"] = Field(description="Free-text questions and answers.")
    no_answer: str = Field(
        "The documents do not say.",
        min_length=1,
        description="what a model is told to write where it cannot answer",
    )

    abstentions: tuple[str, ...] = Field(
        ABSTENTIONS,
        description="other whole answers that say the same as `no_answer`; case and punctuation "
        "do not count",
    )

    def make(self) -> OpenQa:
        return OpenQa(self.no_answer, self.abstentions)

    def prepared(self, question: Question) -> Question:
        """A true answer that says that there is none marks the question as unanswerable.

        An unanswerable question without a true answer has `no_answer` as its true answer.
        """
        found = super().prepared(question)
        truth = found.truth.get(_NEEDED)
        if truth is not None and truth.strip() and self.make().abstains(truth):
            return replace(found, unanswerable=True)
        if found.unanswerable and not (truth or "").strip():
            return replace(found, truth={**found.truth, _NEEDED: self.no_answer})
        return found

    def refuse(self, question: Question) -> str | None:
        truth = question.truth.get(_NEEDED)
        if truth is None:
            return "there is no answer to compare with (key or column `answer`)"
        if truth.strip(_SAYS_NOTHING):
            return None
        return "the answer to compare with is empty; if there is none, say `unanswerable: true`"


def right_answers(question: Question) -> tuple[str, ...]:
    """All answers that are right, the first one first."""
    return (question.truth[_NEEDED], *question.other_answers)


class OpenQa:
    """A prompt may use `question`, `given`, `passages` and `no_answer`."""

    fields: tuple[str, ...] = ("answer",)
    schema: Mapping[str, Any] = SCHEMA

    def __init__(self, no_answer: str, abstentions: Sequence[str] = ABSTENTIONS) -> None:
        self._no_answer = no_answer
        self._abstentions = [words(text) for text in (no_answer, *abstentions)]

    def abstains(self, answer: str) -> bool:
        """Whether the whole answer says that there is none."""
        return is_blank(answer) or words(answer) in self._abstentions

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
        differ are UNPARSED. An abstention is what the model was told to write where it cannot
        answer, another way to say the same, or an object whose `answer` is empty, as an empty cell
        of a submission is.
        """
        try:
            answer = _answer(without_thoughts(text).strip())
        except SeveralObjectsError as problem:
            return Parsed(Status.UNPARSED, reason=str(problem))
        if answer is None:
            return Parsed(Status.UNPARSED)
        status = Status.ABSTAINED if self.abstains(answer) else Status.ANSWERED
        return Parsed(status, {_NEEDED: answer})


def _answer(text: str) -> str | None:
    """What a text answers; None where it holds no answer, empty where it answers with nothing."""
    data = the_object(text, (_NEEDED,)) if text.startswith(("{", "```")) else None
    if data is None:
        return field_text(text) or None
    if _NEEDED not in data:
        return None
    return "" if data[_NEEDED] is None else field_text(data[_NEEDED]).strip()
