"""Test sets as the RAGAS library makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from modellab.core.records import Question, Relevance
from modellab.questions.answers import Answer, first_and_others
from modellab.questions.protocol import QuestionFormat
from modellab.questions.rows import QuestionRow, named, read_rows_as


class RagasFormat(QuestionFormat):
    """A RAGAS test set: user_input, reference, reference_contexts."""

    kind: Literal["ragas"] = Field(description="A RAGAS test set, as JSON or JSON Lines.")

    def truths(self) -> frozenset[str]:
        return frozenset({"answer"})

    def read(self, path: Path) -> list[Question]:
        return named(_question(place, row) for place, row in read_rows_as(RagasRow, path))


class RagasRow(QuestionRow):
    """Other keys are left aside; `synthesizer_name` becomes a tag."""

    id: str = ""
    user_input: str = Field(min_length=1)
    reference: Answer
    reference_contexts: tuple[str, ...] = ()
    synthesizer_name: str = ""


def _question(place: str, row: RagasRow) -> Question:
    truth, others = first_and_others(place, row.reference)
    return Question(
        id=row.id,
        text=row.user_input,
        given={},
        truth=truth,
        references=(),
        tags=(row.synthesizer_name,) if row.synthesizer_name else (),
        relevance=Relevance(contexts=row.reference_contexts),
        source=place,
        unanswerable=not truth,
        other_answers=others,
    )
