"""Extraction by group and by field: precision, recall and F1 of each, with their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from modellab.core.io.frames import frame_of, write_frame
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Prediction, Question, Status
from modellab.tasks.extract.comparing import FieldOutcome
from modellab.tasks.extract.scorer import Comparison, FieldScorer, Tally, tally

COLUMNS = (
    *("model", "retriever", "level", "name", "of"),
    *("precision", "recall", "f1", "accuracy"),
    *("wanted", "predicted", "correct", "wrong", "missing", "invented", "wrong_typed"),
    *("n_scored", "n_failed"),
)
#: fields that stand under no key and in no group
_RECORD = "(record)"


@dataclass
class _Cell:
    """The fields of one line of the table, and the records that they come from."""

    fields: list[FieldOutcome] = field(default_factory=list)
    scored: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)


def write_extract_fields(
    out: Path, questions: Path, predictions: Mapping[str, Path], scorer: FieldScorer, missing: str
) -> None:
    """Write the table of all models to `out`. With `missing` ignore, missing rows are left out."""
    by_id = {question.id: question for question in read_rows(questions, Question)}
    rows: list[dict[str, object]] = []
    for model, path in predictions.items():
        answers = read_rows(path, Prediction)
        for retriever in dict.fromkeys(answer.retriever for answer in answers):
            compared = [
                scorer.compare(by_id[answer.question_id], answer)
                for answer in answers
                if answer.retriever == retriever
                and (missing == "incorrect" or answer.status != Status.MISSING)
            ]
            rows += [{"model": model, "retriever": retriever, **row} for row in table(compared)]
    write_frame(out, frame_of(rows, COLUMNS))


def table(comparisons: Sequence[Comparison]) -> Iterator[dict[str, object]]:
    """A line each for all fields, every group, every field (by path) and every item (by name).

    Counts are pooled over records (micro average): an item that many documents have weighs
    more. `of` says whether a line is about the names of items or about values. `n_scored`
    records have such a field, wanted or predicted; `n_failed` of them have no answer.
    """
    types = Counter(path for comparison in comparisons for path in comparison.wrong_types)
    for (level, name, of), cell in _cells(comparisons).items():
        counts = tally(cell.fields)
        yield {
            "level": level,
            "name": name,
            "of": of,
            **_measures(counts),
            "wrong_typed": _wrong_typed(types, level, name, of),
            "n_scored": len(cell.scored),
            "n_failed": len(cell.failed),
        }


def _cells(comparisons: Sequence[Comparison]) -> dict[tuple[str, str, str], _Cell]:
    cells: dict[tuple[str, str, str], _Cell] = {}
    for index, comparison in enumerate(comparisons):
        for outcome in comparison.fields:
            for key in _keys(outcome):
                cell = cells.setdefault(key, _Cell())
                cell.fields.append(outcome)
                cell.scored.add(index)
                if not comparison.answered:
                    cell.failed.add(index)
    return dict(sorted(cells.items()))


def _keys(outcome: FieldOutcome) -> Iterable[tuple[str, str, str]]:
    of = "names" if outcome.is_name else "values"
    yield "all", "all", of
    yield "group", outcome.group or _RECORD, of
    yield "field", outcome.path, of
    if outcome.item:
        yield "item", outcome.item, of


def _measures(counts: Tally) -> dict[str, object]:
    return {
        "precision": counts.precision,
        "recall": counts.recall,
        "f1": counts.f1,
        "accuracy": counts.accuracy,
        "wanted": counts.wanted,
        "predicted": counts.predicted,
        "correct": counts.correct,
        "wrong": counts.wrong,
        "missing": counts.missing,
        "invented": counts.invented,
    }


def _wrong_typed(types: Counter[str], level: str, name: str, of: str) -> int | None:
    """Known by path, so only for single fields and for all; None elsewhere."""
    if level == "field":
        return types[name]
    return types.total() if (level, of) == ("all", "values") else None
