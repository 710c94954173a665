"""WattBot: a value with its unit and the documents that support it, or an abstention."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal

from pydantic import Field

from modellab.core.records import Passage, Question, Status
from modellab.core.text.abstentions import abstention_test
from modellab.core.text.blank import BLANK, is_blank
from modellab.core.text.json_reading import SeveralObjectsError, field_text, the_object
from modellab.core.values.comparing import Tolerance, read_tolerance
from modellab.tasks.protocol import Parsed, TaskOptions

FIELDS = ("answer", "answer_value", "answer_unit", "ref_id", "explanation")
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "answer": {"type": "string"},
        "answer_value": {"type": "string"},
        "answer_unit": {"type": "string"},
        "ref_id": {"type": "array", "items": {"type": "string"}},
        "explanation": {"type": "string"},
    },
    "required": list(FIELDS),
    "additionalProperties": False,
}
#: tags of questions, by kind of evidence
FLAGS = ("Quote", "Table", "Figure", "Math", "is_NA")
#: the field that makes a JSON object an answer
_NEEDED = "answer_value"


class WattBotOptions(TaskOptions):
    """Numbers with units, names and ranges from documents, or an abstention.

    A prompt may use `question`, `unit` and `passages`.
    """

    fields: ClassVar[tuple[str, ...]] = FIELDS
    prompt: ClassVar[str] = "wattbot_passages_first.jinja"
    true_field: ClassVar[str] = _NEEDED
    canonical: ClassVar[str] = "modellab.tasks.wattbot.canonical:CANONICAL"
    scorers: ClassVar[tuple[str, ...]] = (
        "modellab.tasks.wattbot.scorers:NormalisedScorerOptions",
        "modellab.tasks.wattbot.scorers:WattBotScorerOptions",
    )
    matrix: ClassVar[str | None] = "modellab.tasks.wattbot.canonical:MATRIX"

    kind: Literal["wattbot"] = Field(description="The task of the WattBot challenge.")

    def prepared(self, question: Question) -> Question:
        """A question is unanswerable if and only if its `answer_value` is blank."""
        found = super().prepared(question)
        if _NEEDED in found.reference:
            blank = is_blank(found.reference[_NEEDED])
            return replace(found, unanswerable=blank or question.unanswerable)
        if found.unanswerable:
            return replace(found, reference={**found.reference, _NEEDED: BLANK})
        return found

    def completed(self, question: Question) -> Question:
        """Without a `ref_id`, the true references are the question's other references.

        Without a corpus they are as written in the file.
        """
        if "ref_id" in question.reference:
            return question
        named = [name for name in question.relevance.ids if "#" not in name]
        ids = () if question.unanswerable else question.references or named
        return replace(question, reference={**question.reference, "ref_id": ref_id_cell(ids)})

    def refuse(self, question: Question) -> str | None:
        if _NEEDED not in question.reference:
            return "there is no answer_value; the wattbot task needs one (is_blank: no answer)"
        value = question.reference[_NEEDED]
        if question.unanswerable and not is_blank(value):
            return (
                f"it is marked as unanswerable, but its answer_value is {value!r}; write is_blank, "
                "or take the mark away"
            )
        try:
            read_tolerance(question.reference.get("tolerance", ""), Tolerance())
        except ValueError as error:
            return str(error)
        return None

    def true_text(self, question: Question) -> str | None:
        return json.dumps({name: question.reference.get(name, BLANK) for name in FIELDS})

    @property
    def answer_schema(self) -> Mapping[str, Any]:
        return SCHEMA

    def variables(self, question: Question, passages: Sequence[Passage]) -> dict[str, Any]:
        """The question's text, the wanted unit (None if there is none), and the passages."""
        unit = question.inputs.get("answer_unit", BLANK)
        return {
            "question": question.text,
            "unit": None if is_blank(unit) else unit,
            "passages": passages,
        }

    def parse(self, text: str) -> Parsed:
        """Read the answer from a JSON object, alone or in prose, a code fence, or after thoughts.

        Broken JSON is repaired only if there is no valid object. A reply without an `answer_value`,
        or with several different objects, is UNPARSED.
        """
        try:
            data = the_object(text, (_NEEDED,))
        except SeveralObjectsError as problem:
            return Parsed(Status.UNPARSED, reason=str(problem))
        if data is None or _NEEDED not in data:
            return Parsed(Status.UNPARSED)
        return answered({name: field_text(data.get(name)) for name in FIELDS})


def ref_id_cell(ids: Sequence[str]) -> str:
    """Ids of documents as a cell of `ref_id`: one id, or a JSON list."""
    if not ids:
        return BLANK
    bare = len(ids) == 1 and not ids[0].startswith("[")
    return ids[0] if bare else json.dumps(list(ids), ensure_ascii=False)


def answered(fields: Mapping[str, str]) -> Parsed:
    """The fields as an answer, or as an abstention if the value is blank or says so in words.

    Missing fields become `is_blank`; unknown ones are left out.
    """
    answer = {name: fields.get(name, BLANK) for name in FIELDS}
    abstained = abstention_test(BLANK)(answer[_NEEDED])
    status = Status.ABSTAINED if abstained else Status.ANSWERED
    return Parsed(status, answer)
