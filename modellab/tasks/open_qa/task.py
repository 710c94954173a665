"""Open questions: an answer in free text, with or without passages."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.records import Passage, Question, Status
from modellab.core.text.blank import is_blank
from modellab.core.text.json_reading import (
    SeveralObjectsError,
    field_text,
    the_object,
    without_thoughts,
)
from modellab.core.text.words import words
from modellab.tasks.protocol import Parsed, TaskOptions

_NEEDED = "answer"
#: an answer of only these characters is empty; one of others, such as + or -, is not
_SAYS_NOTHING = string.whitespace + "?!.,;:\u2026"
#: whole answers that mean that there is no answer, in models and data sets
# fmt: off
ABSTENTIONS = (
    "I don't know.", "I do not know.", "No answer.", "Unanswerable.", "Not answerable.",
    "Cannot be answered.", "Not stated in the documents.", "Not mentioned in the documents.",
    "The documents do not contain the answer.", "The context does not provide this information.",
    "There is no answer in the documents.",
    "I don't have enough information to answer this question.", "I cannot answer.",
    "I can't answer.", "I cannot answer this question.", "I can't answer this question.",
    "Not sure.", "I'm not sure.", "I am not sure.", "The context does not contain the answer.",
    "The passages do not contain the answer.",
    "The question cannot be answered from the documents.", "Not enough information.", "Not stated.",
    "Insufficient information.",
    "Not mentioned.", "Not specified.", "The answer is not in the documents.",
    "The document does not say.", "The text does not say.", "Sorry, I don't know.",
    "I'm sorry, I cannot answer this question.", "N/A.", "CANNOTANSWER", "NOANSWER",
    "Das steht nicht in den Dokumenten.", "Das wei\xdf ich nicht.", "Keine Angabe.",
    "Je ne sais pas.", "Pas de r\xe9ponse.", "No lo s\xe9.", "Sin respuesta.", "N\xe3o sei.",
    "Non lo so.", "\u041d\u0435 \u0437\u043d\u0430\u044e.",
    "\u041d\u0435\u0442 \u043e\u0442\u0432\u0435\u0442\u0430.", "Bilmiyorum.",
    "\u0644\u0627 \u0623\u0639\u0631\u0641.",
    "\u092e\u0941\u091d\u0947 \u0928\u0939\u0940\u0902 \u092a\u0924\u093e\u0964",
    "\u4e0d\u77e5\u9053\u3002", "\u65e0\u6cd5\u56de\u7b54\u3002", "\u7121\u6cd5\u56de\u7b54\u3002",
    "\uc54c \uc218 \uc5c6\uc2b5\ub2c8\ub2e4.", "\u6587\u4e2d\u672a\u63d0\u53ca\u3002",
    "\u308f\u304b\u308a\u307e\u305b\u3093\u3002",
    "\u56de\u7b54\u3067\u304d\u307e\u305b\u3093\u3002",
    "\u0e44\u0e21\u0e48\u0e17\u0e23\u0e32\u0e1a",
)
# fmt: on
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {_NEEDED: {"type": "string"}},
    "required": [_NEEDED],
    "additionalProperties": False,
}


class OpenQaOptions(TaskOptions):
    """Free-text answers compared with a reference text."""

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

    abstentions: tuple[str, ...] = Field(
        ABSTENTIONS,
        description="other whole answers that mean the same as `no_answer`, ignoring case and "
        "punctuation",
    )

    def make(self) -> OpenQa:
        return OpenQa(self.no_answer, self.abstentions)

    def prepared(self, question: Question) -> Question:
        """A question is unanswerable if all of its true answers are abstentions.

        Beside another true answer (of a second annotator), abstentions are left out. An
        unanswerable question without a true answer gets `no_answer`.
        """
        found = super().prepared(question)
        truth = found.reference.get(_NEEDED)
        if truth is not None and truth.strip() and not found.unanswerable:
            task = self.make()
            said = [text for text in right_answers(found) if not task.abstains(text)]
            if not said:
                return replace(found, unanswerable=True)
            first, *others = said
            return replace(
                found, reference={**found.reference, _NEEDED: first}, other_answers=tuple(others)
            )
        if found.unanswerable and not (truth or "").strip():
            return replace(found, reference={**found.reference, _NEEDED: self.no_answer})
        return found

    def refuse(self, question: Question) -> str | None:
        truth = question.reference.get(_NEEDED)
        if truth is None:
            return "there is no answer to compare with (key or column `answer`)"
        if truth.strip(_SAYS_NOTHING):
            return None
        return "the answer is empty; an unanswerable question has [] or `unanswerable: true`"


def right_answers(question: Question) -> tuple[str, ...]:
    """All right answers, if any; the one in the truth first."""
    first = (question.reference[_NEEDED],) if _NEEDED in question.reference else ()
    return (*first, *question.other_answers)


class OpenQa:
    """A prompt may use `question`, `inputs`, `passages` and `no_answer`."""

    fields: tuple[str, ...] = ("answer",)
    schema: Mapping[str, Any] = SCHEMA

    def __init__(self, no_answer: str, abstentions: Sequence[str] = ABSTENTIONS) -> None:
        self._no_answer = no_answer
        self._abstentions = _in_words((no_answer, *abstentions))

    def abstains(self, answer: str) -> bool:
        """Whether the whole answer is an abstention."""
        return is_blank(answer) or tuple(words(answer)) in self._abstentions

    def variables(self, question: Question, passages: Sequence[Passage]) -> dict[str, Any]:
        return {
            "question": question.text,
            "inputs": dict(question.inputs),
            "passages": passages,
            "no_answer": self._no_answer,
        }

    def parse(self, text: str) -> Parsed:
        """The whole reply without thoughts, or `answer` of a JSON object.

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


@cache
def _in_words(texts: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(words(text)) for text in texts)


def _answer(text: str) -> str | None:
    """The answer in a reply: None if there is none, empty for an empty one."""
    data = the_object(text, (_NEEDED,)) if text.startswith(("{", "```")) else None
    if data is None:
        return field_text(text) or None
    if _NEEDED not in data:
        return None
    return "" if data[_NEEDED] is None else field_text(data[_NEEDED]).strip()
