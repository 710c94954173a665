"""Pairs of retriever and model, ranked by a weighted mean of several metrics, and the files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from modellab.core.errors import InputError
from modellab.core.io.atomic import atomic_file
from modellab.core.io.frames import FLOAT, INT, read_frame, write_frame
from modellab.core.records import ModelScores
from modellab.core.text.escape import markdown_table, markdown_text
from modellab.evaluation.compare.entries import CONTROLS, components_of, entries_of
from modellab.evaluation.compare.ranking_options import RankingOptions
from modellab.evaluation.compare.score_files import read_scores
from modellab.evaluation.frame import with_missing

#: columns of `judge_scores.csv` that are read, and the types of the numbers
JUDGED = ("judge", "model", "retriever", "metric", "value", "value_strict", "n_scored", "n_failed")
JUDGED_TYPES = {"value": FLOAT, "value_strict": FLOAT, "n_scored": INT, "n_failed": INT}
#: one row per pair and metric; counts are missing where they are not known
PAIR_COLUMNS = ("retriever", "model", "control", "metric", "value", "n_scored", "n_failed")

_SIGNS = {"best": "✅", "near": "🔺", "": ""}


@dataclass(frozen=True)
class RankedPairs:
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


@dataclass(frozen=True)
class RankingFiles:
    """Where a ranking goes."""

    table: Path
    summary: Path
    markdown: Path

    @classmethod
    def below(cls, folder: Path) -> RankingFiles:
        names = ("overall_ranking.csv", "rank_summary.csv", "rank_summary.md")
        return cls(*(folder / name for name in names))


def write_overall_ranking(
    files: RankingFiles,
    dataset: str,
    summaries: Sequence[Path],
    judge_scores: Path | None,
    options: RankingOptions,
    absent: Sequence[str] = (),
) -> None:
    """Rank a dataset's pairs by the summaries of models and, if there is one, the judges' table."""
    judged = read_frame(judge_scores, JUDGED_TYPES, JUDGED, only=True) if judge_scores else None
    models = [read_scores(path) for path in summaries]
    write_ranking(files, dataset, pairs_of(models, judged, options), options, absent)


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
    own = pd.DataFrame(
        [
            (
                *(one.summary.retriever, one.model.name, one.control),
                *(name, one.score(name), metric.n_scored, metric.n_failed),
            )
            for one in entries_of(models)
            for name, metric in one.summary.metrics.items()
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


def ranked(pairs: pd.DataFrame, options: RankingOptions) -> RankedPairs:
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
    return RankedPairs(*(part.loc[order].reset_index(drop=True) for part in parts))


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


def write_ranking(
    files: RankingFiles,
    title: str,
    pairs: pd.DataFrame,
    options: RankingOptions,
    absent: Sequence[str] = (),
) -> None:
    """Write the three files of `pairs`; `absent` are models that should be there and are not."""
    found = ranked(pairs, options)
    write_frame(files.table, with_missing(ranking_table(found), absent))
    write_frame(files.summary, with_missing(summary_table(found), absent))
    with atomic_file(files.markdown) as handle:
        handle.write(_markdown(title, found, options, absent))


def ranking_table(found: RankedPairs) -> pd.DataFrame:
    """All digits; what is missing is empty and named. Counts are behind the aggregate."""
    pairs = found.pairs
    about = {
        "pair_id": pairs["retriever"] + "__" + pairs["model"],
        "retriever": pairs["retriever"],
        "llm": pairs["model"],
        "control": pairs["control"],
    }
    counts = [found.scored.add_suffix("_n_scored"), found.failed.add_suffix("_n_failed")]
    rest = pairs[["aggregate", "missing"]]
    return pd.concat([pd.DataFrame(about), found.values, rest, *counts], axis=1)


def summary_table(found: RankedPairs) -> pd.DataFrame:
    """Ranks, and which pairs are best or near the best in each metric."""
    pairs = found.pairs
    about = {
        "rank": pairs["rank"],
        "pair": pairs["retriever"] + " | " + pairs["model"],
        "control": pairs["control"],
    }
    marks = found.marks.add_suffix("_mark")
    parts = [pd.DataFrame(about), found.values, pairs["aggregate"], marks, pairs["missing"]]
    return pd.concat(parts, axis=1)


def _markdown(
    title: str, found: RankedPairs, options: RankingOptions, absent: Sequence[str]
) -> str:
    names = list(options.weights)
    pairs = found.pairs[["rank", "retriever", "model"]].astype(object)
    cells = found.values.map(_number) + " " + found.marks.replace(_SIGNS)
    shown = pd.concat([pairs, cells[names], found.pairs["aggregate"].map(_number)], axis=1)
    shown["rank"] = pairs["rank"].map(lambda rank: "-" if pd.isna(rank) else str(rank))
    lines = [f"# {markdown_text(f'Ranking of {title}')}"]
    heads, numbers = ["rank", "retriever", "model", *names, "aggregate"], range(3, 4 + len(names))
    for control, block in shown.groupby(found.pairs["control"]):
        lines += ["", f"## {CONTROLS}"] if control else []
        lines += ["", *markdown_table(heads, block.to_numpy(), right=(0, *numbers))]
    for note in _notes(found, options, absent):
        lines += ["", markdown_text(note)]
    return "\n".join(lines) + "\n"


def _notes(found: RankedPairs, options: RankingOptions, absent: Sequence[str]) -> list[str]:
    shares = ", ".join(f"{name} {share:.3g}" for name, share in options.shares().items())
    notes = [
        f"aggregate: the sum of each metric times its weight ({shares}).",
        f"{_SIGNS['best']} best in this metric; {_SIGNS['near']} within {options.near:.1%} of it.",
    ]
    ids = found.pairs["retriever"] + "__" + found.pairs["model"]
    lacking = found.pairs["missing"].str.replace(";", ", ")
    if lacking.any():
        effect = "counts 0" if options.missing == "zero" else "means no aggregate and no rank"
        said = "; ".join((ids + " lacks " + lacking)[lacking != ""])
        notes.append(f"A missing metric {effect}: {said}.")
    failed = [
        f"{name}: {', '.join(f'{metric} {count}' for metric, count in row.items() if count)}"
        for name, row in zip(ids, found.failed.fillna(0).to_dict("records"), strict=True)
        if any(row.values())
    ]
    if failed:
        notes.append(f"Rows without a score: {'; '.join(failed)}.")
    if absent:
        notes.append(f"Partial: without {', '.join(absent)}.")
    return notes


def _number(value: Any) -> str:
    return "-" if pd.isna(value) else f"{value:.3f}"
