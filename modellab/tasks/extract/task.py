"""Extraction: a JSON record that fits a schema, from a text or images."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, PrivateAttr

from modellab.core.records import Passage, Question, Status
from modellab.core.text.blank import is_blank
from modellab.core.text.json_reading import (
    SeveralObjectsError,
    field_text,
    the_record,
    without_thoughts,
)
from modellab.tasks.canonical import CanonicalAnswer
from modellab.tasks.extract.records import RecordSchema, count_items, depth, leaves, read_schema
from modellab.tasks.protocol import Parsed, TaskOptions

#: `entries` is the number of objects in lists, `fields` that of values
FIELDS = ("record", "entries", "fields")
#: a deeper value is no record
DEEPEST = 32


class ExtractOptions(TaskOptions):
    """A text or images in, a JSON record out.

    A prompt may use `text`, `inputs`, `passages`, `schema` and `instructions`.
    """

    fields: ClassVar[tuple[str, ...]] = FIELDS
    prompt: ClassVar[str] = "extract.jinja"
    true_field: ClassVar[str] = "record"
    canonical: ClassVar[str] = "modellab.tasks.extract.task:CANONICAL"
    scorers: ClassVar[tuple[str, ...]] = ("modellab.tasks.extract.scorer:FieldScorerOptions",)

    kind: Literal["extract"] = Field(description="A JSON record read from a text or pictures.")
    record: Path = Field(description="the file with the JSON schema of the wanted record")
    instructions: str = Field("", description="what the shipped prompt says beside the schema")

    _schema: RecordSchema | None = PrivateAttr(None)

    def record_schema(self) -> RecordSchema:
        """The schema, read once. Raises InputError for a file that holds none."""
        if self._schema is None:
            self._schema = read_schema(self.record)
        return self._schema

    def files(self) -> Mapping[str, Path]:
        return {"record": self.record}

    def prepared(self, question: Question) -> Question:
        """A question is unanswerable if no field of its wanted record has a value.

        A record without fields counts as missing, unless the question is marked.
        """
        found = super().prepared(question)
        record = _read(found.reference.get("record", "{}"))
        empty = isinstance(record, dict | list) and not any(leaves(record))
        truth = {"record": "{}", **found.reference} if found.unanswerable else found.reference
        return replace(
            found, reference=truth, unanswerable=empty and (bool(record) or found.unanswerable)
        )

    def refuse(self, question: Question) -> str | None:
        text = question.reference.get("record")
        if text is None:
            return "there is no wanted record (key `record`)"
        try:
            record = json.loads(text)
        except (ValueError, RecursionError) as error:
            return f"the wanted record is not JSON ({error})"
        if not isinstance(record, dict | list):
            return "the wanted record is not an object; write one with its fields"
        if not record:
            return None if question.unanswerable else "the wanted record is empty"
        problem = self.record_schema().problem(record)
        return f"the wanted record does not fit {self.record}: {problem}" if problem else None

    @property
    def answer_schema(self) -> Mapping[str, Any]:
        return self.record_schema().schema

    def variables(self, question: Question, passages: Sequence[Passage]) -> dict[str, Any]:
        return {
            "text": question.text,
            "inputs": dict(question.inputs),
            "passages": passages,
            "schema": json.dumps(self.answer_schema, ensure_ascii=False, indent=1),
            "instructions": self.instructions,
        }

    def parse(self, text: str) -> Parsed:
        """The JSON object (or list of objects) of the reply; else it is UNPARSED.

        So is a reply with several different objects, unless the last is called final. A record
        without values, null, and a blank reply are abstentions. The scorer checks the schema.
        """
        answer = without_thoughts(text).strip()
        if answer and (answer == "null" or is_blank(answer)):
            return _parsed({})
        try:
            record = the_record(answer, tuple(self.answer_schema.get("properties", ())))
        except SeveralObjectsError as problem:
            return Parsed(Status.UNPARSED, reason=str(problem))
        if record is None or depth(record) > DEEPEST:
            return Parsed(Status.UNPARSED)
        return _parsed(record)


def as_json(text: str) -> str:
    """A record with sorted keys; other text unchanged."""
    try:
        return json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


CANONICAL = CanonicalAnswer("record", FIELDS, as_json, repeats_exactly=False)


def _read(text: str) -> Any:
    """A wanted record; None if it is not JSON, which `refuse` reports."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _parsed(record: dict[str, Any] | list[Any]) -> Parsed:
    found = sum(1 for _ in leaves(record))
    answer = {
        "record": field_text(record),
        "entries": str(count_items(record)),
        "fields": str(found),
    }
    return Parsed(Status.ANSWERED if found else Status.ABSTAINED, answer)
