"""From measurements and targets to statuses, and to one status for the dataset."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from modellab.core.io.frames import write_frame
from modellab.core.io.jsonl import write_json
from modellab.evaluation.compare.entries import entry_name
from modellab.evaluation.frame import with_missing
from modellab.evaluation.targets.measurements import COLUMNS as MEASURED
from modellab.evaluation.targets.measurements import Measurements, System, read_measurements
from modellab.evaluation.targets.options import Target, TargetsOptions
from modellab.evaluation.targets.sources import about_answers

COLUMNS = (
    *("metric", "subject", "value", "n_scored", "n_failed", "coverage"),
    *("better", "good", "attention", "status", "counts", "reason"),
    *("table", "model", "retriever", "judge"),
)
#: how something was measured: only values of one instrument may be compared
_INSTRUMENT = ["table", "judge", "kind", "embedder", "texts", "level", "judged"]

log = logging.getLogger(__name__)


class TargetStatus(StrEnum):
    """The status of a metric, or of the whole."""

    GOOD = "good"
    ATTENTION = "attention"
    CRITICAL = "critical"
    INSUFFICIENT = "insufficient data"


@dataclass(frozen=True)
class StatusFiles:
    """Where the status of a dataset is written."""

    table: Path
    record: Path


def write_status(
    dataset: str,
    summaries: Sequence[Path],
    tables: Mapping[str, Path],
    options: TargetsOptions,
    out: StatusFiles,
    missing: Sequence[str] = (),
) -> None:
    """Rate a dataset. `missing` are models that a partial run goes without."""
    measured = read_measurements(summaries, tables)
    ratings = rate(options, dataset, measured)
    write_frame(out.table, with_missing(ratings, missing))
    record = status_record(dataset, entry_name(*measured.systems[0]), options, ratings)
    write_json(out.record, record)
    log.info("%s", status_line(record))


def rate(options: TargetsOptions, dataset: str, measured: Measurements) -> pd.DataFrame:
    """A row of `COLUMNS` per target and measurement: targets of answers first, then the others.

    `counts` says whether the status of the whole depends on the row; of each target those that
    count come first. Only metrics that the config names are rated. Controls are rated only where
    a target names their retriever, or a model that is nothing else, or where there are no
    contenders.
    """
    targets = sorted(options.of_dataset(dataset), key=lambda one: not about_answers(one.metric))
    parts = [_rated(options, target, measured) for target in targets]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def overall(options: TargetsOptions, ratings: pd.DataFrame) -> TargetStatus | None:
    """The worst of what counts: critical, attention, insufficient data, good, in this order.

    None where nothing is rated. Where no metric of the answers is, the whole is not good.
    """
    if ratings.empty:
        return None
    states = ratings.loc[ratings["counts"].astype(bool), "status"]
    short = states.isin((TargetStatus.ATTENTION, TargetStatus.CRITICAL)).sum()
    together = options.critical_from is not None and short >= options.critical_from
    if together or (states == TargetStatus.CRITICAL).any():
        return TargetStatus.CRITICAL
    if short:
        return TargetStatus.ATTENTION
    unsure = (states == TargetStatus.INSUFFICIENT).any() or not answers_rated(ratings)
    return TargetStatus.INSUFFICIENT if unsure else TargetStatus.GOOD


def answers_rated(ratings: pd.DataFrame) -> bool:
    """Whether a metric of the answers counts at all."""
    return any(map(about_answers, ratings.loc[ratings["counts"].astype(bool), "metric"]))


def status_record(
    dataset: str, leader: str, options: TargetsOptions, ratings: pd.DataFrame
) -> dict[str, Any]:
    """Plain JSON: the status of the whole, the metrics that count, their number by status.

    `status` is null where the config names no target for the dataset.
    """
    counting = ratings[ratings["counts"].astype(bool)]
    whole = overall(options, ratings)
    cells = counting.astype(object).where(counting.notna(), None)
    return {
        "dataset": dataset,
        "status": whole.value if whole else None,
        "answers_rated": answers_rated(ratings),
        "best_system": leader,
        "counts": {state.value: int((counting["status"] == state).sum()) for state in TargetStatus},
        "min_coverage": options.min_coverage,
        "critical_from": options.critical_from,
        "of": options.of,
        "metrics": cells.to_dict("records"),
    }


def status_line(record: Mapping[str, Any]) -> str:
    """One line for people: the status, and what it rests on."""
    if record["status"] is None:
        return f"{record['dataset']}: not rated: the config names no target for it"
    counts = [f"{n} {state}" for state, n in record["counts"].items() if n]
    unrated = "" if record["answers_rated"] else "; no target is about the answers"
    return f"{record['dataset']}: {record['status']} ({', '.join(counts)}{unrated})"


def _rated(options: TargetsOptions, target: Target, measured: Measurements) -> pd.DataFrame:
    """Of each instrument the leader's measurement counts, or all of them."""
    rows = measured.rows[_is_about(target, measured)]
    # chunks or documents that no question names are left out, where questions name the others
    levels = rows.loc[rows["n_scored"] > 0, "level"]
    rows = rows[rows["level"].isin(levels)] if len(levels) else rows
    if rows.empty:
        rows = pd.DataFrame([dict.fromkeys(MEASURED, "")])
        rows = rows.assign(value=np.nan, n_scored=0, n_failed=0, coverage=0.0, counts=True)
        status, reason = [TargetStatus.INSUFFICIENT.value], ["no table of this dataset has it"]
    else:
        rows = _leaders_first(rows, measured.systems, options.of == "every")
        status, reason = _states(options, target, rows)
    return rows.assign(
        metric=target.metric,
        subject=[_subject(row) for row in rows.to_dict("records")],
        better=target.direction,
        good=target.good,
        attention=np.nan if target.attention is None else target.attention,
        status=status,
        reason=reason,
    )[list(COLUMNS)]


def _is_about(target: Target, measured: Measurements) -> pd.Series[bool]:
    rows = measured.rows
    found: pd.Series[bool] = rows["metric"] == target.metric
    for column, names in (
        ("model", target.models),
        ("retriever", target.retrievers),
        ("judge", target.judges),
        ("embedder", target.embedders),
        ("kind", target.judge_kind and (target.judge_kind,)),
        ("level", target.level and (target.level,)),
        ("texts", target.texts and (target.texts,)),
    ):
        if names is not None:
            found &= rows[column].isin(names)
    among = [one for one in measured.systems if target.models is None or one[0] in target.models]
    if target.retrievers is not None or measured.controls.issuperset(among):
        return found
    # measurements of nothing but controls
    own = [[one for one in among if _is_of(row, one)] for row in _systems(rows)]
    apart = [bool(systems) and measured.controls.issuperset(systems) for systems in own]
    return found & ~np.array(apart, dtype=bool)


def _systems(rows: pd.DataFrame) -> list[System]:
    return list(zip(rows["model"], rows["retriever"], strict=True))


def _is_of(row: System, system: System) -> bool:
    """Whether a row is about the system, or about its model or its retriever alone."""
    return row[0] in ("", system[0]) and row[1] in ("", system[1])


def _leaders_first(rows: pd.DataFrame, systems: Sequence[System], every: bool) -> pd.DataFrame:
    """By instrument in the order of the systems' ranks; those that count come first."""
    place = [
        next((n for n, one in enumerate(systems) if _is_of(row, one)), len(systems))
        for row in _systems(rows)
    ]
    rows = rows.assign(place=place).sort_values("place", kind="stable")
    rows = rows.assign(
        group=rows.groupby(_INSTRUMENT, sort=False).ngroup(),
        counts=every | ~rows.duplicated(_INSTRUMENT),
    )
    return rows.sort_values(["counts", "group", "place"], ascending=[False, True, True])


def _states(
    options: TargetsOptions, target: Target, rows: pd.DataFrame
) -> tuple[list[str], list[str]]:
    states, reasons = [], []
    for value, coverage in zip(rows["value"], rows["coverage"], strict=True):
        reason = ""
        if np.isnan(value):
            state, reason = TargetStatus.INSUFFICIENT, "it has no value"
        elif coverage < options.min_coverage:
            state = TargetStatus.INSUFFICIENT
            reason = f"it covers {coverage:.1%} of the rows, less than min_coverage"
        elif target.reaches(value, target.good):
            state = TargetStatus.GOOD
        elif target.attention is None or target.reaches(value, target.attention):
            state = TargetStatus.ATTENTION
        else:
            state = TargetStatus.CRITICAL
        states.append(state.value)
        reasons.append(reason)
    return states, reasons


def _subject(row: Mapping[Any, str]) -> str:
    """What was measured, in a few words."""
    system = row["model"] and row["retriever"] and entry_name(row["model"], row["retriever"])
    who = system or row["model"] or row["retriever"] or row["embedder"]
    named = f"{row['judge']}: {who}" if row["judge"] and who else row["judge"] or who
    detail = row["level"] or row["texts"] or row["judged"]
    return f"{named} ({detail})" if detail else named
