"""Answers as files for other programs; those of the WattBot task as Kaggle submissions."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.io.atomic import atomic_file, atomic_folder
from modellab.core.records import NO_ANSWER, Prediction, Question
from modellab.core.text.blank import BLANK
from modellab.evaluation.compare.score_files import FIRST_REPEAT

COLUMNS = (
    *("id", "question", "answer", "answer_value", "answer_unit"),
    *("ref_id", "ref_url", "supporting_materials", "explanation"),
)


def write_submissions(
    folder: Path,
    questions: Sequence[Question],
    answers: Sequence[Prediction],
    fields: Sequence[str],
) -> None:
    """Write one file per retriever into `folder`, all or nothing, every cell quoted.

    `fields` are those of the task; a task without an answer_value has a plain table of them.
    """
    with atomic_folder(folder) as part:
        for retriever in dict.fromkeys(answer.retriever for answer in answers):
            columns: Sequence[str] = COLUMNS
            if "answer_value" in fields:
                rows = submission_rows(questions, answers, retriever)
            else:
                columns = ("id", "question", *fields)
                rows = answer_rows(questions, answers, retriever, fields)
            with atomic_file(part / f"{retriever}.csv") as handle:
                writer = csv.DictWriter(handle, columns, quoting=csv.QUOTE_ALL, lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)


def submission_rows(
    questions: Sequence[Question], answers: Sequence[Prediction], retriever: str
) -> list[dict[str, str]]:
    """One row per question: a model's first answers with one retriever.

    A question without an answer (failed, unparsed, missing) has is_blank in every answer field,
    as if the model had abstained: a submission file cannot say "failed". Fields are written as the
    model gave them, even where a spreadsheet would run one as a formula: this file is read by a
    scorer, which would mark an altered value as wrong.
    """
    chosen = _by_question(answers, retriever)
    return [_row(question, chosen.get(question.id, {})) for question in questions]


def answer_rows(
    questions: Sequence[Question],
    answers: Sequence[Prediction],
    retriever: str,
    fields: Sequence[str],
) -> list[dict[str, str]]:
    """One row per answered question: id, text, and the unchanged fields of the first answer.

    A question without an answer (failed, unparsed, missing) has no row: an empty answer would be
    read as an abstention.
    """
    chosen = _by_question(answers, retriever)
    return [
        {
            "id": question.id,
            "question": question.text,
            **{field: answer.get(field, "") for field in fields},
        }
        for question in questions
        if (answer := chosen.get(question.id))
    ]


def _by_question(answers: Sequence[Prediction], retriever: str) -> dict[str, Mapping[str, str]]:
    chosen: dict[str, Mapping[str, str]] = {}
    for answer in answers:
        if (answer.retriever, answer.repeat) != (retriever, FIRST_REPEAT):
            continue
        if answer.question_id in chosen:
            raise InputError(f"submission: question {answer.question_id!r} is answered twice")
        chosen[answer.question_id] = {} if answer.status in NO_ANSWER else answer.answer
    return chosen


def _row(question: Question, answer: Mapping[str, str]) -> dict[str, str]:
    return {
        "id": question.id,
        "question": question.text,
        "answer": answer.get("answer") or BLANK,
        "answer_value": answer.get("answer_value") or BLANK,
        "answer_unit": answer.get("answer_unit") or BLANK,
        # an empty citation stays empty: scorers tell it from is_blank
        "ref_id": answer.get("ref_id", BLANK),
        "ref_url": BLANK,
        "supporting_materials": BLANK,
        "explanation": answer.get("explanation") or BLANK,
    }
