"""Questions of any task as JSON: a row per question, a key per thing that is known of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field

from modellab.core.io.strict_json import texts
from modellab.core.records import Question, Relevance
from modellab.questions.answers import Answer, Answers, first_and_others
from modellab.questions.protocol import QuestionFormat
from modellab.questions.rows import QuestionRow, named, read_rows_as


class JsonlFormat(QuestionFormat):
    """JSON Lines (or a JSON list) with the keys of `JsonRow`."""

    kind: Literal["jsonl"] = Field(description="A JSON object per question.")

    def read(self, path: Path) -> list[Question]:
        return named(_question(path, place, row) for place, row in read_rows_as(JsonRow, path))


class JsonRow(QuestionRow):
    """`truth` may hold any names; `answer`, `label`, `tags` and `record` are short for some.

    All texts of `answer`, `answers` and `other_answers` are right answers; where `answer` or
    `answers` is an empty list, there is none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    id: str = ""
    question: str = ""
    given: Annotated[dict[str, str], BeforeValidator(texts)] = Field(default_factory=dict)
    truth: dict[str, Any] = Field(default_factory=dict)
    answer: Answer | None = None
    answers: Answers | None = None
    other_answers: Answers = ()
    label: str | None = None
    tags: list[str] | None = None
    record: dict[str, Any] | None = None
    references: tuple[str, ...] = ()
    relevant_chunks: tuple[str, ...] = ()
    relevant_urls: tuple[str, ...] = ()
    reference_contexts: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    unanswerable: bool = Field(
        False, validation_alias=AliasChoices("unanswerable", "is_impossible")
    )
    #: how a made question came about; kept in the file, shown to no model
    receipts: dict[str, Any] = Field(default_factory=dict)


def _question(path: Path, place: str, row: JsonRow) -> Question:
    short = {"label": row.label, "tags": row.tags, "record": row.record}
    given = {key: value for key, value in row.truth.items() if value is not None}
    truth = {**given, **{key: value for key, value in short.items() if value is not None}}
    answers = (*(row.answer or ()), *(row.answers or ())) or _listed(row.truth.get("answer"))
    others = row.other_answers
    if answers:
        first, others = first_and_others(place, (*answers, *others))
        truth.update(first)
    # a list without an answer says that there is none
    empty = not answers and () in (row.answer, row.answers)
    return Question(
        id=row.id,
        text=row.question,
        given=row.given,
        truth={key: _text(value) for key, value in truth.items()},
        references=(),
        tags=row.groups,
        images=tuple(str(path.parent / image) for image in row.images),
        relevance=Relevance(
            ids=(*row.references, *row.relevant_chunks),
            urls=row.relevant_urls,
            contexts=row.reference_contexts,
        ),
        source=place,
        unanswerable=row.unanswerable or empty,
        other_answers=others,
    )


def _listed(value: Any) -> tuple[str, ...]:
    """The texts of a list of texts; nothing of anything else."""
    texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return tuple(value) if texts else ()


def _text(value: Any) -> str:
    """Text as it stands, anything else as JSON: a truth that is a record keeps its types."""
    value = texts(value) if isinstance(value, float) else value
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
