"""The data behind the matrix of questions and the pages of questions.

The matrix is one block with a mark and an outcome for every question and system; the pages are in
parts of a few hundred kilobytes, so that a browser only reads those it shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json_rows
from modellab.core.layout import CONTEXTS, JUDGEMENTS, PREDICTIONS, ROWS
from modellab.core.records import Outcome, Question
from modellab.evaluation.compare.entries import Entry
from modellab.reporting.page.answers import (
    JsonRow,
    QuestionMaterial,
    Row,
    asking,
    question_page,
    short_text,
)
from modellab.reporting.page.results import DatasetResults
from modellab.tasks.protocol import TaskOptions

Rows = Mapping[str, Sequence[Row]]

#: letters of the outcomes in the matrix; `a` for an answer without one, `x` for repeats that differ
LETTERS = {**{outcome.value: outcome.value[0] for outcome in Outcome}, "": "a"}
_MIXED, _NO_ROW = "x", " "


class ByQuestion:
    """A JSON Lines file in the order of the questions; call `take` in that order."""

    def __init__(self, path: Path) -> None:
        self._path = path
        groups = groupby(read_json_rows(path), _question_id)
        self._groups = ((name, list(group)) for name, group in groups)
        self._next = next(self._groups, None)

    def take(self, question_id: str) -> Sequence[JsonRow]:
        """The rows of this question, which may be none."""
        if self._next is None or self._next[0] != question_id:
            return []
        rows = self._next[1]
        self._next = next(self._groups, None)
        return rows

    def require_end(self) -> None:
        """Raise InputError if rows are left: of an unknown question, or out of order."""
        if self._next is not None:
            raise InputError(
                f"{self._path}: question {self._next[0]!r} is not one of questions.jsonl, or its "
                "rows are not in that order; make the file again"
            )


def _judgements(results: DatasetResults) -> dict[tuple[str, str], list[tuple[str, JsonRow]]]:
    """By model and question the judgements of answers, each with the name of its judge."""
    found: dict[tuple[str, str], list[tuple[str, JsonRow]]] = {}
    for path in results.files(JUDGEMENTS.format(judge="*")):
        for row in read_json_rows(path):
            found.setdefault((str(row["model"]), _question_id(row)), []).append((path.stem, row))
    return found


def _question_id(row: JsonRow) -> str:
    return str(row["question_id"])


def score_rows(results: DatasetResults) -> dict[str, Rows]:
    """By model and question: the rows of `scores/{model}.csv`."""
    found: dict[str, dict[str, list[Row]]] = {}
    for model in results.models:
        by_id: dict[str, list[Row]] = {}
        for row in read_csv(results.folder / ROWS.format(model=model)).rows:
            by_id.setdefault(row["question_id"], []).append(row)
        found[model] = by_id
    return dict(found)


def matrix(results: DatasetResults, rows: Mapping[str, Rows]) -> dict[str, Any]:
    """Questions and systems, and for each system its marks and outcomes in question order.

    A mark is the share of right repeats or, if answers are not right or wrong, the mean of a score
    per answer (the configured overall score, else the last), from 0 to 1; None if it does not
    apply. `mixed` has by place the outcomes of repeats that differ.
    """
    correct = results.shared_rules.correct
    graded = correct is not None
    overall = None if graded else results.settings.get("scorer", {}).get("overall")
    systems = [
        _system(entry, results.questions, rows, graded, overall) for entry in results.entries
    ]
    return {
        "ids": [question.id for question in results.questions],
        "texts": [question.text for question in results.questions],
        "truths": [short_text(question.reference) for question in results.questions],
        "tags": [list(question.tags) for question in results.questions],
        "graded": graded,
        "systems": systems,
    }


def _system(
    entry: Entry,
    questions: Sequence[Question],
    rows: Mapping[str, Rows],
    graded: bool,
    overall: str | None,
) -> dict[str, Any]:
    model, retriever = entry.model.name, entry.summary.retriever
    cells = [
        _cell(
            [row for row in rows[model].get(q.id, ()) if row["retriever"] == retriever],
            graded,
            overall,
        )
        for q in questions
    ]
    return {
        "name": entry.name,
        "model": model,
        "retriever": retriever,
        "control": entry.control,
        "marks": [mark for mark, _ in cells],
        "outcomes": "".join(letters if len(letters) == 1 else _MIXED for _, letters in cells),
        "mixed": {place: letters for place, (_, letters) in enumerate(cells) if len(letters) > 1},
    }


def _cell(rows: Sequence[Row], graded: bool, overall: str | None) -> tuple[float | None, str]:
    """The mean mark of the repeats, and the letters of all their outcomes."""
    if not rows:
        return None, _NO_ROW
    if graded:
        marks = [float(row["outcome"] == Outcome.RIGHT) for row in rows if row["outcome"]]
    else:
        mark = overall or list(rows[0])[-1]
        marks = [float(row[mark]) for row in rows if row[mark]]
    mean = round(sum(marks) / len(marks), 4) if marks else None
    return mean, "".join(sorted({LETTERS[row["outcome"]] for row in rows}))


def question_pages(
    results: DatasetResults, rows: Mapping[str, Rows], task: TaskOptions
) -> Iterator[dict[str, Any]]:
    """The page of each question, in order, read from all files side by side."""
    folder = results.folder
    contexts = [ByQuestion(path) for path in results.files(CONTEXTS.format(retriever="*"))]
    predictions = {m: ByQuestion(folder / PREDICTIONS.format(model=m)) for m in results.models}
    judgements = _judgements(results)
    asked = {model: asking(task, results.runs.get(model, {})) for model in results.models}
    for question in results.questions:
        name = question.id
        yield question_page(
            QuestionMaterial(
                question,
                [row for stream in contexts for row in stream.take(name)],
                {model: stream.take(name) for model, stream in predictions.items()},
                {model: by_id.get(name, ()) for model, by_id in rows.items()},
                {model: judgements.get((model, name), ()) for model in results.models},
                asked,
            )
        )
    for stream in (*contexts, *predictions.values()):
        stream.require_end()
