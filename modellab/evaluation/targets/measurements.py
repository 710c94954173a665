"""The metrics of a dataset that may have a target, collected from its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from modellab.core.io.frames import read_frame
from modellab.core.records import Status
from modellab.evaluation.compare.entries import Entry, ranked
from modellab.evaluation.compare.score_files import read_scores

System = tuple[str, str]
#: `coverage` is the share of rows behind the value, from 0 to 1; `judged` the metric whose
#: judgements a table about judges describes. Text that does not apply is "".
COLUMNS = (
    *("table", "metric", "value", "n_scored", "n_failed", "coverage"),
    *("model", "retriever", "judge", "kind", "embedder", "texts", "level", "judged"),
)
_TEXT = [*COLUMNS[:2], *COLUMNS[6:]]
#: fields of a summary beside its metrics
_OF_SUMMARIES = (
    *("coverage", "avg_latency_seconds", "p50_latency_seconds", "p95_latency_seconds"),
    *("total_time_seconds", "estimated_cost_usd"),
)
#: tables with a column per metric, and the column that counts their rows
_WIDE = {
    "error_attribution": (
        ["retrieval_loss", "reading_loss", "retrieval_gain", "wrong_text_harm"],
        "n_questions",
    ),
    # a judgement without a score is what the rate counts, not one that it leaves out
    "resource_usage": (["error_rate"], "n_judgements"),
}
#: the row of a table over all retrievers of a model
_EVERY = "(all)"


@dataclass(frozen=True)
class Measurements:
    """All metrics of a dataset (a frame of `COLUMNS`) and its systems (model, retriever).

    Systems are in order of rank; the `controls` among them are reference points and come last.
    """

    rows: pd.DataFrame
    systems: Sequence[System]
    controls: frozenset[System] = frozenset()


def read_measurements(summaries: Sequence[Path], tables: Mapping[str, Path]) -> Measurements:
    """Read scores, and tables by name: `self_consistency` and `resource_usage` for `judges/`."""
    entries = ranked([read_scores(path) for path in summaries])
    overall = list(entries[0].summary.metrics)[-1]
    parts = [_of_scores(entries)]
    parts += [_of_table(name, read_frame(path), overall) for name, path in tables.items()]
    rows = pd.concat(parts, ignore_index=True).reindex(columns=list(COLUMNS))
    texts = rows[_TEXT].astype(object).fillna("")
    systems = {(entry.model.name, entry.summary.retriever): entry.control for entry in entries}
    controls = frozenset(system for system, control in systems.items() if control)
    return Measurements(rows.assign(**texts), list(systems), controls)


def _of_scores(entries: Sequence[Entry]) -> pd.DataFrame:
    """All metrics of the systems, over the rows for which the model gave a text."""
    found = []
    for entry in entries:
        summary = entry.summary
        system = (entry.model.name, summary.retriever)
        rows = sum(summary.statuses.values())
        lost = sum(summary.statuses.get(status, 0) for status in (Status.FAILED, Status.MISSING))
        share = 1 - lost / rows if rows else 0.0
        for name, metric in summary.metrics.items():
            value = entry.score(name)
            found.append((*system, name, value, metric.n_scored, metric.n_failed, share))
        for name in _OF_SUMMARIES:
            if (value := getattr(summary, name)) is not None:
                covered = 1.0 if name == "coverage" else share
                found.append((*system, name, value, rows, 0, covered))
    columns = ["model", "retriever", "metric", "value", "n_scored", "n_failed", "coverage"]
    return pd.DataFrame(found, columns=columns).assign(table="scores")


def _of_table(name: str, table: pd.DataFrame, overall: str) -> pd.DataFrame:
    """The rows of a table as it was read, all cells text."""
    if name in _WIDE:
        metrics, count = _WIDE[name]
        if "component" in table:
            table = table[table["component"] == overall]
        kept = [column for column in table if column not in (*metrics, "n_scored", "n_failed")]
        table = table.melt(kept, metrics, "metric", "value").rename(columns={count: "n_scored"})
        table = table.assign(n_failed="0")
    if "retriever" in table:
        every = table["retriever"] == _EVERY
        table = table[~every | table["metric"].str.startswith("run_")]
        table = table.assign(retriever=table["retriever"].where(~every, ""))
    value = pd.to_numeric(table["value"])
    scored, failed = table["n_scored"].astype(int), table["n_failed"].astype(int)
    coverage = (scored / (scored + failed)).fillna(0.0)
    if "coverage" in table:
        coverage = pd.to_numeric(table["coverage"]).fillna(coverage)
    table = table.assign(
        table="judges" if name in ("self_consistency", "resource_usage") else name,
        value=value.where(np.isfinite(value)),
        n_scored=scored,
        n_failed=failed,
        coverage=coverage,
    )
    if name == "self_consistency":
        table = table.assign(judged=table["metric"], metric=name)
    return table
