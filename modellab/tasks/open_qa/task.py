"""Open questions: an answer in free text, with or without passages."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.records import Passage, Question, Status
from modellab.core.text.abstentions import abstention_test
from modellab.core.text.json_reading import (
    SeveralObjectsError,
    field_text,
    the_object,
    without_thoughts,
)
from modellab.tasks.protocol import Parsed, TaskOptions

_NEEDED = "answer"
_abstention_test = cache(abstention_test)
#: an answer of only these characters is empty; one of others, such as + or -, is not
_SAYS_NOTHING = string.whitespace + "?!.,;:\u2026"
#: `Answer: `, also in bold, at the start of a reply
_HEADING = re.compile(r"\**(?:final )?answer\**[:\uff1a]\**\s*(?=\S)", re.IGNORECASE)
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {_NEEDED: {"type": "string"}},
    "required": [_NEEDED],
    "additionalProperties": False,
}


class OpenQaOptions(TaskOptions):
    """Free-text answers compared with a reference text.

    A prompt may use `question`, `inputs`, `passages` and `no_answer`.
    """

    fields: ClassVar[tuple[str, ...]] = (_NEEDED,)
    prompt: ClassVar[str] = "open_qa.jinja"
    true_field: ClassVar[str] = _NEEDED
    canonical: ClassVar[str] = "modellab.tasks.open_qa.canonical:CANONICAL"
    scorers: ClassVar[tuple[str, ...]] = ("modellab.tasks.open_qa.scorer:TextScorerOptions",)

    may_go_unscored: ClassVar[bool] = True

    kind: Literal["open_qa"] = Field(description="Free-text questions and answers.")
    no_answer: str = Field(
        "The documents do not say.",
        min_length=1,
        description="the reply that a model is asked for if it cannot answer",
    )

    abstentions: tuple[str, ...] | None = Field(
        None,
        description="other whole answers that mean the same as `no_answer`, ignoring case and "
        "punctuation; default: the usual ones in English (`I cannot answer this question.`, `It is "
        "not stated in the passages.`) and 15 other languages",
    )

    def prepared(self, question: Question) -> Question:
        """A question is unanswerable if all of its true answers are abstentions.

        Beside another true answer (of a second annotator), abstentions are left out. An
        unanswerable question without a true answer gets `no_answer`.
        """
        found = super().prepared(question)
        reference = found.reference.get(_NEEDED)
        if reference is not None and reference.strip() and not found.unanswerable:
            answers = [text for text in right_answers(found) if not self.abstains(text)]
            if not answers:
                return replace(found, unanswerable=True)
            first, *others = answers
            return replace(
                found, reference={**found.reference, _NEEDED: first}, other_answers=tuple(others)
            )
        if found.unanswerable and not (reference or "").strip():
            return replace(found, reference={**found.reference, _NEEDED: self.no_answer})
        return found

    def refuse(self, question: Question) -> str | None:
        if question.reference.get(_NEEDED, "").strip(_SAYS_NOTHING):
            return None
        return (
            "there is no answer to compare with (key or column `answer`); an unanswerable question "
            "has [] or `unanswerable: true`"
        )

    @property
    def answer_schema(self) -> Mapping[str, Any]:
        return SCHEMA

    def abstains(self, answer: str) -> bool:
        """Whether a whole answer is an abstention."""
        return _abstention_test(self.no_answer, self.abstentions)(answer)

    def variables(self, question: Question, passages: Sequence[Passage]) -> dict[str, Any]:
        return {
            "question": question.text,
            "inputs": dict(question.inputs),
            "passages": passages,
            "no_answer": self.no_answer,
        }

    def parse(self, text: str) -> Parsed:
        """The whole reply without thoughts and a leading `Answer:`, or `answer` of a JSON object.

        An empty reply, thoughts without an end, an object without `answer` and several different
        objects are UNPARSED. Abstentions are `no_answer`, the sentences of `abstentions`, and an
        object with an empty `answer`, such as an empty cell of a submission.
        """
        try:
            answer = _answer(without_thoughts(text).strip())
        except SeveralObjectsError as problem:
            return Parsed(Status.UNPARSED, reason=str(problem))
        if answer is None:
            return Parsed(Status.UNPARSED)
        status = Status.ABSTAINED if self.abstains(answer) else Status.ANSWERED
        return Parsed(status, {_NEEDED: answer})


def right_answers(question: Question) -> tuple[str, ...]:
    """All right answers, if any; the reference first."""
    first = (question.reference[_NEEDED],) if _NEEDED in question.reference else ()
    return (*first, *question.other_answers)


def _answer(text: str) -> str | None:
    """The answer in a reply: None if there is none, empty for an empty one."""
    data = the_object(text, (_NEEDED,)) if text.startswith(("{", "```")) else None
    if data is None:
        heading = _HEADING.match(text)
        return field_text(text[heading.end() :] if heading else text) or None
    if _NEEDED not in data:
        return None
    if isinstance(data[_NEEDED], bool):  # right where the reference is yes, and where it is true
        return "yes" if data[_NEEDED] else "no"
    return "" if data[_NEEDED] is None else field_text(data[_NEEDED]).strip()
