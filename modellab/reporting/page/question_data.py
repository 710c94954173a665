"""The data behind the matrix of questions and the pages of questions.

The matrix is one block with a mark and an outcome for every question and system; the pages lie in
parts of a few hundred kilobytes, so that a browser only reads what is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from modellab.core.io.csv_file import read_csv
from modellab.core.records import Outcome, Question
from modellab.evaluation.compare.entries import Entry
from modellab.reporting.page.answers import Material, Row, question_page, short_text
from modellab.reporting.page.asked import asking
from modellab.reporting.page.results import DatasetResults
from modellab.reporting.page.streams import by_question, collected
from modellab.tasks.protocol import Task

Rows = Mapping[str, Sequence[Row]]

#: what stands for an outcome in the matrix, `a` for an answer that nothing says more of; repeats
#: that end in different ways are `x`
LETTERS = {**{outcome.value: outcome.value[0] for outcome in Outcome}, "": "a"}
_MIXED, _NO_ROW = "x", " "


def score_rows(results: DatasetResults) -> dict[str, Rows]:
    """By model and question: the rows of `scores/{model}.csv`."""
    found: dict[str, dict[str, list[Row]]] = {}
    for model in results.models:
        by_id: dict[str, list[Row]] = {}
        for row in read_csv(results.folder / "scores" / f"{model}.csv").rows:
            by_id.setdefault(row["question_id"], []).append(row)
        found[model] = by_id
    return dict(found)


def matrix(results: DatasetResults, rows: Mapping[str, Rows]) -> dict[str, Any]:
    """Questions and systems, and for each system its marks and outcomes in question order.

    A mark is the share of repeats that are right, or the mean of a mark where answers are not
    right or wrong (the one that is the overall score, where the scorer lets it be chosen; else the
    last), from 0 to 1; None where it does not apply. `mixed` says by place which outcomes
    the repeats had where they differ.
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
        "truths": [short_text(question.truth) for question in results.questions],
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
    results: DatasetResults, rows: Mapping[str, Rows], task: Task
) -> Iterator[dict[str, Any]]:
    """The page of each question, in order, read from all files side by side."""
    folder = results.folder
    contexts = [by_question(path) for path in sorted((folder / "contexts").glob("*.jsonl"))]
    predictions = {m: by_question(folder / "predictions" / f"{m}.jsonl") for m in results.models}
    judgements = {m: collected(_judgement_files(results, m)) for m in results.models}
    asked = {model: asking(task, results.runs.get(model, {})) for model in results.models}
    for question in results.questions:
        name = question.id
        yield question_page(
            Material(
                question,
                [row for stream in contexts for row in stream.take(name)],
                {model: stream.take(name) for model, stream in predictions.items()},
                {model: by_id.get(name, ()) for model, by_id in rows.items()},
                {model: of(name) for model, of in judgements.items()},
                asked,
            )
        )
    for stream in (*contexts, *predictions.values()):
        stream.require_end()


def _judgement_files(results: DatasetResults, model: str) -> dict[str, Any]:
    paths = sorted((results.folder / "judgements").glob(f"*/{model}.jsonl"))
    return {path.parent.name: path for path in paths}
