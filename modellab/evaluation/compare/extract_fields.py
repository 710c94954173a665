"""Extraction by group and by field: precision, recall and F1 of each, with their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from modellab.core.io.frames import frame_of, write_frame
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Prediction, Question, Status
from modellab.tasks.extract.comparing import FieldOutcome
from modellab.tasks.extract.scorer import Comparison, FieldScorer, Tally

_SHARES = ("precision", "recall", "f1", "accuracy")
_COUNTS = ("wanted", "predicted", "correct", "wrong", "missing", "invented")
COLUMNS = (
    *("model", "retriever", "level", "name", "of"),
    *(*_SHARES, *_COUNTS, "wrong_typed", "n_scored", "n_failed"),
)
#: the group of fields that have no key and no group
_RECORD = "(record)"
_LINE = ["level", "name", "of"]


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

    Counts are pooled over records (micro average): an item that many documents have weighs more.
    `of` says whether a line is about the names of items or about values. `n_scored` records have
    such a field, wanted or predicted; `n_failed` of them have no answer.
    """
    wrong_types = Counter(path for comparison in comparisons for path in comparison.wrong_types)
    fields = pd.DataFrame(
        [
            (*line, record, comparison.answered, outcome.outcome.value)
            for record, comparison in enumerate(comparisons)
            for outcome in comparison.fields
            for line in _lines(outcome)
        ],
        columns=[*_LINE, "record", "answered", "outcome"],
    )
    for line, own in fields.groupby(_LINE):
        level, name, of = map(str, line)
        counts = Tally(**own["outcome"].value_counts())
        yield {
            "level": level,
            "name": name,
            "of": of,
            **{measure: getattr(counts, measure) for measure in (*_SHARES, *_COUNTS)},
            "wrong_typed": _wrong_typed(wrong_types, level, name, of),
            "n_scored": own["record"].nunique(),
            "n_failed": own.loc[~own["answered"], "record"].nunique(),
        }


def _lines(outcome: FieldOutcome) -> Iterator[tuple[str, str, str]]:
    """The lines of the table in which a field counts."""
    of = "names" if outcome.is_name else "values"
    yield "all", "all", of
    yield "group", outcome.group or _RECORD, of
    yield "field", outcome.path, of
    if outcome.item:
        yield "item", outcome.item, of


def _wrong_typed(types: Counter[str], level: str, name: str, of: str) -> int | None:
    """Known by path, so only for single fields and for all; None elsewhere."""
    if level == "field":
        return types[name]
    return types.total() if (level, of) == ("all", "values") else None
