"""Extraction by group and by field: precision, recall and F1 of each, with their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from modellab.core.io.frames import write_frame
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Prediction, Question, Status
from modellab.tasks.extract.comparing import FieldOutcome, FieldStatus
from modellab.tasks.extract.scorer import Comparison, FieldScorerOptions, Tally
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Material, ratio

COLUMNS = (
    *("model", "retriever", "level", "name", "of", "precision", "recall", "f1", "accuracy"),
    *("wanted", "predicted", "correct", "wrong", "missing", "invented"),
    *("wrong_typed", "n_scored", "n_failed"),
)
#: the group of fields that have no key and no group
_RECORD = "(record)"
_LINE = ["system", "level", "name", "of"]


def write_extract_fields(
    out: Path,
    questions: Path,
    predictions: Mapping[str, Path],
    task: TaskOptions,
    scorer: FieldScorerOptions,
    missing: str,
) -> None:
    """Write the table of all models to `out`. With `missing` ignore, missing rows are left out."""
    rules = scorer.make(task, Material((), ()))
    by_id = {question.id: question for question in read_rows(questions, Question)}
    compared = (
        (model, answer.retriever, rules.compare(by_id[answer.question_id], answer))
        for model, path in predictions.items()
        for answer in read_rows(path, Prediction)
        if missing == "incorrect" or answer.status != Status.MISSING
    )
    write_frame(out, fields_table(compared))


def fields_table(compared: Iterable[tuple[str, str, Comparison]]) -> pd.DataFrame:
    """Per system a row each for all fields, every group, every field (by path) and every item.

    Counts are pooled over records (micro average): an item that many documents have weighs more.
    `of` says whether a row is about the names of items or about values. `n_scored` records have
    such a field, wanted or predicted; `n_failed` of them have no answer. `wrong_typed` is known by
    path, so only for single fields and for all.

    Args:
        compared: (model, retriever, comparison of a record).
    """
    systems: dict[tuple[str, str], int] = {}
    typed: Counter[tuple[int, str]] = Counter()
    fields = []
    for record, (model, retriever, one) in enumerate(compared):
        system = systems.setdefault((model, retriever), len(systems))
        typed.update((system, path) for path in one.wrong_types)
        fields += [
            (system, *line, record, not one.answered, outcome.outcome.value)
            for outcome in one.fields
            for line in _lines(outcome)
        ]
    every = pd.DataFrame(fields, columns=[*_LINE, "record", "failed", "outcome"])
    records = every.drop_duplicates([*_LINE, "record"]).groupby(_LINE)["failed"]
    found = pd.DataFrame({"n_scored": records.size(), "n_failed": records.sum()})
    counts = every.groupby([*_LINE, "outcome"]).size().unstack(fill_value=0)
    found = found.join(counts.reindex(columns=list(FieldStatus), fill_value=0)).reset_index()
    tally = Tally(*(found[name].to_numpy() for name in FieldStatus))
    names = pd.DataFrame(list(systems), columns=["model", "retriever"])
    table = found.assign(
        **names.iloc[found["system"]].reset_index(drop=True),
        **{name: ratio(*share) for name, share in tally.shares().items()},
        wanted=tally.wanted,
        predicted=tally.predicted,
        wrong_typed=_wrong_typed(found, typed),
    )
    return table[list(COLUMNS)]


def _lines(outcome: FieldOutcome) -> Iterator[tuple[str, str, str]]:
    """The lines of the table in which a field counts."""
    of = "names" if outcome.is_name else "values"
    yield "all", "all", of
    yield "group", outcome.group or _RECORD, of
    yield "field", outcome.path, of
    if outcome.item:
        yield "item", outcome.item, of


def _wrong_typed(lines: pd.DataFrame, typed: Counter[tuple[int, str]]) -> pd.Series[int]:
    totals: Counter[int] = Counter()
    for (system, _), count in typed.items():
        totals[system] += count
    cells = [
        typed[system, name]
        if level == "field"
        else (totals[system] if (level, of) == ("all", "values") else None)
        for system, level, name, of in lines[_LINE].itertuples(index=False)
    ]
    return pd.Series(cells, lines.index, dtype="Int64")
