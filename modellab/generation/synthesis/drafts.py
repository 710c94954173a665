"""What a model is asked for, and what is read from its reply: questions not yet checked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modellab.core.records import Passage, Question, Status
from modellab.core.text.json_reading import SeveralObjectsError, field_text, the_record
from modellab.generation.synthesis.options import Kind
from modellab.generation.synthesis.sources import Source
from modellab.tasks.protocol import Parsed

_KEYS = ("questions", "question")
_TEXT = {"type": "string"}
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "questions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "question": _TEXT,
                    "answer": _TEXT,
                    "evidence": {"type": "array", "items": _TEXT},
                },
                "required": ["question", "answer", "evidence"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["questions"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Draft:
    """A question as a model made it. `key` is that of the request in the journal."""

    source: Source
    attempt: int
    key: str
    question: str
    answer: str
    evidence: tuple[str, ...]


class Drafting:
    """The task of making questions. A prompt may use `passages`, `number`, `language`, `refused`.

    `language` is a code such as `en`, empty where the passages' own is meant; `refused` are the
    questions of earlier attempts with what was wrong with each.
    """

    fields: tuple[str, ...] = ("questions",)
    schema: Mapping[str, Any] = SCHEMA

    def variables(self, question: Question, passages: Sequence[Passage]) -> dict[str, Any]:
        given = question.given
        return {
            "passages": passages,
            "number": int(given["number"]),
            "language": given["language"],
            "refused": json.loads(given["refused"]),
        }

    def parse(self, text: str) -> Parsed:
        rows = question_rows(text)
        if rows is None:
            return Parsed(Status.UNPARSED)
        return Parsed(Status.ANSWERED, {"questions": json.dumps(rows, ensure_ascii=False)})


def question_rows(text: str) -> list[Any] | None:
    """The questions of a reply: `{"questions": [...]}`, a list, or one alone; None: none there."""
    try:
        data = the_record(text, _KEYS)
    except SeveralObjectsError:
        return None
    if isinstance(data, dict):
        data = data.get("questions", [data] if "question" in data else None)
    return data if isinstance(data, list) else None


def read_draft(source: Source, attempt: int, key: str, row: Any) -> Draft | None:
    """A row as a draft; None where it has no question, or an answerable one no answer."""
    if not isinstance(row, dict) or not isinstance(row.get("question"), str):
        return None
    evidence = row.get("evidence") or []
    quotes = [evidence] if isinstance(evidence, str) else evidence
    if not isinstance(quotes, list) or not all(isinstance(quote, str) for quote in quotes):
        return None
    answer = row.get("answer")
    said = "" if answer is None or isinstance(answer, list | dict) else field_text(answer)
    if not said.strip() and source.kind != Kind.UNANSWERABLE:
        return None
    question = " ".join(field_text(row["question"]).split())
    texts = tuple(field_text(quote) for quote in quotes)
    return Draft(source, attempt, key, question, said.strip(), texts)
