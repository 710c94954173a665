"""Question sets with a ground-truth answer and the chunk that it was made from."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field

from modellab.core.records import Question, Relevance
from modellab.questions.answers import Answer, first_and_others
from modellab.questions.protocol import QuestionFormat
from modellab.questions.rows import QuestionRow, named, read_rows_as


class ModelLabFormat(QuestionFormat):
    """question, ground_truth_answer, and chunk_id, chunk_text or URLs."""

    kind: Literal["model_lab"] = Field(description="Synthetic or annotated questions, as JSON.")

    def truths(self) -> frozenset[str]:
        return frozenset({"answer"})

    def read(self, path: Path) -> list[Question]:
        return named(_question(place, row) for place, row in read_rows_as(ModelLabRow, path))


class ModelLabJudgeFormat(QuestionFormat):
    """question, answer, context, ground_truth_show: is the answer fit to be shown?"""

    kind: Literal["model_lab_judge"] = Field(description="Items for a production judge, as JSON.")
    show: str = Field("show", description="the label of an answer that is to be shown")
    hide: str = Field("hide", description="the label of one that is not")

    def truths(self) -> frozenset[str]:
        return frozenset({"label", "rationale"})

    def read(self, path: Path) -> list[Question]:
        rows = read_rows_as(ModelLabJudgeRow, path)
        labels = {True: self.show, False: self.hide}
        return named(_item(place, row, labels[row.ground_truth_show]) for place, row in rows)


class ModelLabRow(QuestionRow):
    """Other keys are left aside. `chunk_text` may be cut short: it only finds the chunk."""

    id: str = ""
    question: str = Field(min_length=1)
    ground_truth_answer: Answer = Field(
        validation_alias=AliasChoices("ground_truth_answer", "ground_truth")
    )
    chunk_id: str | None = None
    chunk_text: str | None = None
    confluence_url: str | None = None
    relevant_chunk_ids: tuple[str, ...] | None = None
    relevant_urls: tuple[str, ...] | None = None
    question_source: str = ""


class ModelLabJudgeRow(QuestionRow):
    """Other keys are left aside."""

    id: str = ""
    question: str = Field(min_length=1)
    answer: str
    context: str = ""
    ground_truth_show: bool
    rationale: str = ""


def _question(place: str, row: ModelLabRow) -> Question:
    truth, others = first_and_others(place, row.ground_truth_answer)
    return Question(
        id=row.id,
        text=row.question,
        given={},
        truth=truth,
        references=(),
        tags=(row.question_source,) if row.question_source else (),
        relevance=Relevance(
            ids=_once(row.chunk_id, row.relevant_chunk_ids),
            urls=_once(row.confluence_url, row.relevant_urls),
            contexts=_once(row.chunk_text, ()),
        ),
        source=place,
        unanswerable=not truth,
        other_answers=others,
    )


def _once(one: str | None, more: tuple[str, ...] | None) -> tuple[str, ...]:
    """One that is named alone and those of a list, each once; empty ones are none."""
    names = [one or "", *(more or ())]
    return tuple(dict.fromkeys(name for name in names if name.strip()))


def _item(place: str, row: ModelLabJudgeRow, label: str) -> Question:
    return Question(
        id=row.id,
        text=row.question,
        given={"answer": row.answer, "context": row.context},
        truth={"label": label, "rationale": row.rationale},
        references=(),
        source=place,
    )
