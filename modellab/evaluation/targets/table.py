"""The ratings of a dataset as files: a row per metric and subject, and the whole in one word."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modellab.core.io.frames import frame_of, write_frame
from modellab.core.io.jsonl import write_json
from modellab.evaluation.compare.entries import entry_name
from modellab.evaluation.frame import with_missing
from modellab.evaluation.targets.options import TargetsOptions
from modellab.evaluation.targets.rating import Rating, State, answers_rated, overall, rate
from modellab.evaluation.targets.readings import read_measured

COLUMNS = (
    *("metric", "subject", "value", "n_scored", "n_failed", "coverage"),
    *("better", "good", "attention", "status", "counts", "reason"),
    *("table", "model", "retriever", "judge"),
)

log = logging.getLogger(__name__)


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
    measured = read_measured(summaries, tables)
    ratings = rate(options, dataset, measured)
    table = frame_of(map(_cells, ratings), COLUMNS)
    write_frame(out.table, with_missing(table, missing))
    leader = entry_name(*measured.systems[0])
    record = status_record(dataset, leader, options, ratings)
    write_json(out.record, record)
    log.info("%s", status_line(record))


def status_record(
    dataset: str, leader: str, options: TargetsOptions, ratings: Sequence[Rating]
) -> dict[str, Any]:
    """Plain JSON: the whole, how many metrics are how, and the metrics that count.

    `status` is null where the config names no target for the dataset.
    """
    counting = [rating for rating in ratings if rating.counts]
    states = [rating.state for rating in counting]
    whole = overall(options, ratings)
    return {
        "dataset": dataset,
        "status": whole.value if whole else None,
        "answers_rated": answers_rated(ratings),
        "best_system": leader,
        "counts": {state.value: states.count(state) for state in State},
        "min_coverage": options.min_coverage,
        "critical_from": options.critical_from,
        "of": options.of,
        "metrics": [_cells(rating) for rating in counting],
    }


def status_line(record: Mapping[str, Any]) -> str:
    """One line for people: the status, and what it rests on."""
    if record["status"] is None:
        return f"{record['dataset']}: not rated: the config names no target for it"
    counts = [f"{n} {state}" for state, n in record["counts"].items() if n]
    unrated = "" if record["answers_rated"] else "; no target is about the answers"
    return f"{record['dataset']}: {record['status']} ({', '.join(counts)}{unrated})"


def _cells(rating: Rating) -> dict[str, Any]:
    target, reading = rating.target, rating.reading
    return {
        "metric": target.metric,
        "subject": reading.subject if reading else "",
        "value": reading.value if reading else None,
        "n_scored": reading.n_scored if reading else 0,
        "n_failed": reading.n_failed if reading else 0,
        "coverage": reading.coverage if reading else 0.0,
        "better": target.direction,
        "good": target.good,
        "attention": target.attention,
        "status": rating.state.value,
        "counts": rating.counts,
        "reason": rating.reason,
        "table": reading.table if reading else "",
        "model": reading.model if reading else "",
        "retriever": reading.retriever if reading else "",
        "judge": reading.judge if reading else "",
    }
