"""Pairs of retriever and model, ranked by a weighted mean of several metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from modellab.core.errors import InputError
from modellab.core.io.frames import FLOAT, INT
from modellab.core.records import ModelScores
from modellab.evaluation.compare.entries import components_of, entries_of
from modellab.evaluation.compare.ranking_options import RankingOptions

#: columns of `judge_scores.csv` that are read, and the types of the numbers
JUDGED = ("judge", "model", "retriever", "metric", "value", "value_strict", "n_scored", "n_failed")
JUDGED_TYPES = {"value": FLOAT, "value_strict": FLOAT, "n_scored": INT, "n_failed": INT}
#: one row per pair and metric; counts are missing where they are not known
PAIR_COLUMNS = ("retriever", "model", "control", "metric", "value", "n_scored", "n_failed")


@dataclass(frozen=True)
class Ranking:
    """Frames with one row per pair, the best first; controls come after all others.

    `pairs` has `retriever`, `model`, `control`, `rank`, `aggregate` and `missing`, the metrics
    that a pair has no value of. The others have a column per weight: the values, the rows behind
    them, the rows without a score, and which values are `best` or `near` the best.
    """

    pairs: pd.DataFrame
    values: pd.DataFrame
    scored: pd.DataFrame
    failed: pd.DataFrame
    marks: pd.DataFrame


def pairs_of(
    models: Sequence[ModelScores],
    judged: pd.DataFrame | None = None,
    options: RankingOptions | None = None,
) -> pd.DataFrame:
    """All pairs with the components of their scores and the means of judges (`PAIR_COLUMNS`).

    `judged` are rows of `judge_scores.csv`; their metrics are named `judge/metric`. Raises
    InputError for models that must not be compared.
    """
    components_of(models)
    entries = entries_of(models)
    own = pd.DataFrame(
        [
            (
                e.summary.retriever,
                e.model.name,
                e.control,
                name,
                e.score(name),
                m.n_scored,
                m.n_failed,
            )
            for e in entries
            for name, m in e.summary.metrics.items()
        ],
        columns=list(PAIR_COLUMNS),
    )
    if judged is None:
        return own
    strict = options is None or options.unanswered == "lowest"
    means = judged.assign(
        metric=judged["judge"] + "/" + judged["metric"],
        value=judged["value_strict" if strict else "value"],
    )
    known = own[["retriever", "model", "control"]].drop_duplicates()
    return pd.concat([means.merge(known)[list(PAIR_COLUMNS)], own], ignore_index=True)


def ranked(pairs: pd.DataFrame, options: RankingOptions) -> Ranking:
    """Best aggregate first, then by name; pairs without one come last and have no rank.

    The aggregate is the sum of shares times values; missing where a value is missing and does not
    count 0. Raises InputError for a weight of a metric that no pair has, or that several judges
    have.
    """
    known = list(dict.fromkeys(pairs["metric"]))
    names = {name: _resolved(name, known) for name in options.weights}
    keys = ["retriever", "model", "control"]
    index = pd.MultiIndex.from_frame(pairs[keys].drop_duplicates())
    values, scored, failed = (
        pairs.pivot(index=keys, columns="metric", values=column)
        .reindex(index=index, columns=list(names.values()))
        .set_axis(list(names), axis=1)
        .reset_index(drop=True)
        for column in ("value", "n_scored", "n_failed")
    )
    table = index.to_frame(index=False)
    aggregate = pd.Series(0.0, table.index)
    for name, share in options.shares().items():
        aggregate = aggregate + share * values[name].fillna(0.0).astype(float)
    if options.missing != "zero":
        aggregate = aggregate.mask(values.isna().any(axis=1))
    table["aggregate"] = aggregate
    table["rank"] = (
        aggregate.mask(table["control"]).rank(method="min", ascending=False).astype("Int64")
    )
    table["missing"] = [";".join(values.columns[row]) for row in values.isna().to_numpy()]
    order = (
        table.assign(id=table["retriever"] + "__" + table["model"])
        .sort_values(["control", "aggregate", "id"], ascending=[True, False, True])
        .index
    )
    competing = values.astype(float).mask(table["control"], axis=0)
    marks = competing.apply(_marks, near=options.near)
    parts = (table, values, scored.astype("Int64"), failed.astype("Int64"), marks)
    return Ranking(*(part.loc[order].reset_index(drop=True) for part in parts))


def _marks(values: pd.Series[float], near: float) -> pd.Series[str]:
    """`best` for all that share the best value, `near` for those within a share of it."""
    best = values.max()
    close = values >= best - near * abs(best)
    return pd.Series(np.select([values == best, close], ["best", "near"], ""), values.index)


def _resolved(name: str, known: Sequence[str]) -> str:
    """The full name of a metric, which may be written without its judge."""
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
