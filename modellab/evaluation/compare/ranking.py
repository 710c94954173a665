"""Pairs of retriever and model, ranked by a weighted mean of several metrics."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from modellab.core.errors import InputError
from modellab.core.records import ModelScores
from modellab.evaluation.compare.entries import components_of, entries_of, ranks
from modellab.evaluation.compare.ranking_options import RankingOptions

#: columns of `judge_scores.csv` that are read
JUDGED = (
    *("judge", "model", "retriever", "metric"),
    *("value", "value_strict", "n_scored", "n_failed"),
)


@dataclass(frozen=True)
class Cell:
    """A metric of one pair. `value` is None where there is none; counts where nobody told them."""

    value: float | None
    n_scored: int | None = None
    n_failed: int | None = None


@dataclass(frozen=True)
class Pair:
    """One model with one retriever, and its metrics by name; a `control` is not ranked."""

    retriever: str
    model: str
    metrics: Mapping[str, Cell]
    control: bool = False

    @property
    def id(self) -> str:
        return f"{self.retriever}__{self.model}"


@dataclass(frozen=True)
class RankedPair:
    """A pair in its place; `missing` are the metrics that it has no value of."""

    rank: int | None
    pair: Pair
    cells: Mapping[str, Cell]
    aggregate: float | None
    missing: tuple[str, ...]


def pairs_of(
    models: Sequence[ModelScores],
    judged: Iterable[Mapping[str, str]] = (),
    options: RankingOptions | None = None,
) -> list[Pair]:
    """All pairs with the components of their scores and the means of judges.

    `judged` are rows of `judge_scores.csv`; their metrics are named `judge/metric`. Raises
    InputError for models that must not be compared.
    """
    components_of(models)
    strict = options is None or options.unanswered == "lowest"
    means: dict[tuple[str, str], dict[str, Cell]] = {}
    for row in judged:
        cells = means.setdefault((row["model"], row["retriever"]), {})
        cells[f"{row['judge']}/{row['metric']}"] = _judged_cell(row, strict)
    return [
        Pair(
            entry.summary.retriever,
            entry.model.name,
            {
                **means.get((entry.model.name, entry.summary.retriever), {}),
                **{
                    name: Cell(entry.score(name), metric.n_scored, metric.n_failed)
                    for name, metric in entry.summary.metrics.items()
                },
            },
            entry.control,
        )
        for entry in entries_of(models)
    ]


def ranked_pairs(pairs: Sequence[Pair], options: RankingOptions) -> list[RankedPair]:
    """Best aggregate first, then by name; pairs without one come last and have no rank.

    Controls come after all others, in the same order, and have no rank either.

    Raises InputError for a weight of a metric that no pair has, or that several judges have.
    """
    names = {name: _resolved(name, pairs) for name in options.weights}
    shares = options.shares()
    cells = [{n: pair.metrics.get(full, Cell(None)) for n, full in names.items()} for pair in pairs]
    aggregates = [aggregate(found, shares, options.missing == "zero") for found in cells]
    competing = [None if p.control else a for p, a in zip(pairs, aggregates, strict=True)]
    rows = [
        RankedPair(
            place, pair, found, value, tuple(n for n, cell in found.items() if cell.value is None)
        )
        for place, pair, found, value in zip(
            ranks(competing), pairs, cells, aggregates, strict=True
        )
    ]
    return sorted(rows, key=_order)


def _order(row: RankedPair) -> tuple[bool, bool, float, str]:
    return (row.pair.control, row.aggregate is None, -(row.aggregate or 0.0), row.pair.id)


def aggregate(
    cells: Mapping[str, Cell], shares: Mapping[str, float], missing_is_zero: bool
) -> float | None:
    """The sum of shares times values; None where a value is missing and does not count 0."""
    values = {name: cells[name].value for name in shares}
    if None in values.values() and not missing_is_zero:
        return None
    return sum(share * (values[name] or 0.0) for name, share in shares.items())


def marks(rows: Sequence[RankedPair], name: str, near: float) -> list[str]:
    """By row: `best` for all that share the best value of a metric, `near` for those within a
    share of it, else nothing; nothing for controls.
    """
    values = [None if row.pair.control else row.cells[name].value for row in rows]
    known = [value for value in values if value is not None]
    if not known:
        return ["" for _ in values]
    best = max(known)
    return ["" if value is None else _mark(value, best, near) for value in values]


def _mark(value: float, best: float, near: float) -> str:
    if value == best:
        return "best"
    return "near" if value >= best - near * abs(best) else ""


def _judged_cell(row: Mapping[str, str], strict: bool) -> Cell:
    text = row["value_strict" if strict else "value"]
    value = float(text) if text else math.nan
    return Cell(value if math.isfinite(value) else None, int(row["n_scored"]), int(row["n_failed"]))


def _resolved(name: str, pairs: Sequence[Pair]) -> str:
    """The full name of a metric, which may be written without its judge."""
    known = dict.fromkeys(metric for pair in pairs for metric in pair.metrics)
    if name in known:
        return name
    found = [full for full in known if full.partition("/")[2] == name]
    if len(found) > 1:
        raise InputError(
            f"ranking.weights.{name}: several judges have this metric; write one of: "
            + ", ".join(found)
        )
    if not found:
        raise InputError(
            f"ranking.weights.{name}: no model has this metric; choose from: " + ", ".join(known)
        )
    return found[0]
