"""Scoring of answers in one pandas frame against reference answers in another."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from modellab.core.errors import InputError
from modellab.core.records import EXTERNAL, Prediction, Question, RowScore, Status
from modellab.evaluation.score import scored_row
from modellab.questions import parse_format
from modellab.questions.wattbot import read_truth
from modellab.tasks import default_scorer, parse_scorer, parse_task
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Material

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ScoredFrame:
    """Scored answers.

    Attributes:
        rows: One row per answer: `question_id`, `status`, `outcome`, the fields of the answer as
            they were read, and the per-example scores (NaN where one does not apply).
        metrics: One row per metric: `metric`, `value` (NaN without rows), `n_scored`, `n_failed`.
            The last one is the overall score.
    """

    rows: pd.DataFrame
    metrics: pd.DataFrame


def score_frame(
    answers: pd.DataFrame,
    truth: pd.DataFrame,
    task: str | Mapping[str, Any] = "wattbot",
    scorer: str | Mapping[str, Any] | None = None,
    missing: Literal["incorrect", "ignore"] = "incorrect",
) -> ScoredFrame:
    """Score answers that were made elsewhere.

    Args:
        answers: A column `id` and the fields of the task's answers (`answer_value` and `ref_id`
            for WattBot, `answer`, `label`, ...).
        truth: A column `id` and the true answers, named as in a file of questions.
        task: The task, by name or as in a config.
        scorer: The rules, by name or as in a config; None: the task's own.
        missing: Whether a question without an answer counts as wrong or is left out.

    Raises:
        InputError: A column is missing, an id is empty or duplicate, a true answer cannot be used,
            or no answer is left to score.
    """
    import pandas as pd

    chosen = parse_task(task)
    options = default_scorer(chosen.kind) if scorer is None else parse_scorer(scorer)
    if options.task != chosen.kind:
        raise InputError(f"scorer {options.kind!r} is for task {options.task!r}, not {chosen.kind}")
    questions = {question.id: question for question in _questions(truth, chosen)}
    given = _cells_by_id(answers, "answers")
    unknown = [name for name in given if name not in questions]
    if unknown:
        raise InputError(f"answers: no question has the id {unknown[0]!r}")
    predictions = list(_predictions(chosen, questions, given, missing))
    if not predictions:
        raise InputError("answers: none of the questions has one")
    made = options.make(chosen, Material(list(questions.values()), predictions))
    rows = [scored_row(made, questions[one.question_id], one) for one in predictions]
    metrics = [
        {"metric": name, "value": one.value, "n_scored": one.n_scored, "n_failed": one.n_failed}
        for name, one in made.summarize(questions, rows).items()
    ]
    return ScoredFrame(
        pd.DataFrame([_row(row) for row in rows]).astype(dict.fromkeys(made.marks, "float64")),
        pd.DataFrame(metrics).astype({"value": "float64"}),
    )


def _row(row: RowScore) -> dict[str, Any]:
    about = {"question_id": row.question_id, "status": str(row.status), "outcome": row.outcome}
    return {**about, **row.answer, **row.marks}


def _questions(truth: pd.DataFrame, task: TaskOptions) -> list[Question]:
    cells = _cells_by_id(truth, "truth")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "truth.csv"
        if task.kind == "wattbot":
            truth.to_csv(path, index=False)
            found = read_truth(path)
        else:
            path = path.with_suffix(".jsonl")
            lines = ({"question": name, **row} for name, row in cells.items())
            path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
            found = parse_format("table").read(path)
    questions = [task.prepared(question) for question in found]
    for question in questions:
        if problem := task.refuse(question):
            raise InputError(f"truth: {question.id}: {problem}")
    return questions


def _predictions(
    task: TaskOptions,
    questions: Mapping[str, Question],
    given: Mapping[str, Mapping[str, str]],
    missing: str,
) -> Iterator[Prediction]:
    for name, question in questions.items():
        if name in given:
            parsed = task.for_question(question).parse(json.dumps(given[name]))
            yield Prediction(name, EXTERNAL, 1, parsed.status, parsed.answer, None, "")
        elif missing == "incorrect":
            yield Prediction(name, EXTERNAL, 1, Status.MISSING, {}, None, "")


def _cells_by_id(frame: pd.DataFrame, what: str) -> dict[str, dict[str, Any]]:
    """Rows by id; ids and other cells as text, missing ones as ""."""
    import pandas as pd

    if "id" not in frame.columns:
        raise InputError(f"{what}: column 'id' is missing (found: {', '.join(frame.columns)})")
    rows: dict[str, dict[str, Any]] = {}
    for cells in frame.to_dict("records"):
        texts = {
            str(key): "" if pd.api.types.is_scalar(cell) and pd.isna(cell) else str(cell)
            for key, cell in cells.items()
        }
        name = texts["id"]
        if not name or name in rows:
            raise InputError(f"{what}: {f'duplicate id {name!r}' if name else 'an id is empty'}")
        rows[name] = texts
    return rows
