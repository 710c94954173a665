"""Efficiency: speed and reliability of generation, of retrieval, and of both together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from modellab.core.efficiency import (
    generation_usage,
    known_sum,
    mean,
    mean_concurrency,
    percentile,
    rate,
    together,
)
from modellab.core.io.frames import frame_of, write_frame
from modellab.core.io.jsonl import read_json, read_rows
from modellab.core.records import NO_ANSWER, Metric, Prediction, ResourceUsage, Status

COLUMNS = ("model", "retriever", "metric", "value", "n_scored", "n_failed")
#: stands for all retrievers of a model
EVERY = "(all)"
PERCENTILES = (50, 95)


def write_efficiency(
    path: Path,
    models: Mapping[str, tuple[Path, Path]],
    retrieval: Mapping[str, ResourceUsage] | None = None,
) -> None:
    """Write the metrics of all models: `models` are files of predictions and runs by name.

    `retrieval` is the usage of finding the passages, by retriever.
    """
    rows: list[dict[str, object]] = []
    for model, (predictions, run) in models.items():
        answers = read_rows(predictions, Prediction)
        for retriever, metrics in efficiency(answers, read_json(run), retrieval or {}):
            about = {"model": model, "retriever": retriever}
            rows += [{**about, "metric": name, **asdict(m)} for name, m in metrics.items()]
    write_frame(path, frame_of(rows, COLUMNS))


def efficiency(
    answers: Sequence[Prediction],
    run: Mapping[str, Any],
    retrieval: Mapping[str, ResourceUsage],
) -> Iterator[tuple[str, dict[str, Metric]]]:
    """Per retriever, and for all together, the metrics by name; seconds, and items a second.

    Equal requests of several retrievers are asked once: all together count their answer once.
    """
    distinct = list({(answer.run, answer.key): answer for answer in answers}.values())
    alone = _usage({"generation": generation_usage(distinct)}, len(distinct))
    yield EVERY, {**answer_metrics(distinct), **alone, **run_metrics(run)}
    for retriever in dict.fromkeys(answer.retriever for answer in answers):
        own = [row for row in answers if row.retriever == retriever]
        yield retriever, {**answer_metrics(own), **stages(own, retrieval.get(retriever))}


def answer_metrics(answers: Sequence[Prediction]) -> dict[str, Metric]:
    """Times are those of rows with a text; failed rows have none of theirs in any latency."""
    asked = [answer for answer in answers if answer.status != Status.MISSING]
    good = [answer for answer in asked if answer.status not in NO_ANSWER]
    texts = [answer for answer in asked if answer.status != Status.FAILED]
    failed = len(asked) - len(texts)
    speed, timed = rate(asked, lambda _: 1)
    concurrency = mean_concurrency(asked)
    success = len(good) / len(asked) if asked else None
    return {
        "success_rate": Metric(success, len(asked), len(asked) - len(good)),
        **_times("generation", [answer.latency_seconds for answer in texts], failed),
        **_times("wall", [_wall(answer) for answer in texts], failed),
        "seconds_per_answer": Metric(1 / speed if speed else None, timed, failed),
        "mean_concurrency": Metric(concurrency, 0 if concurrency is None else len(asked)),
        "items_per_second": Metric(speed, timed, failed),
        "fields_per_second": Metric(*rate(asked, fields_in), failed),
        "output_tokens_per_second": Metric(*rate(asked, lambda row: row.completion_tokens), failed),
        **_entries(asked, failed),
    }


def run_metrics(run: Mapping[str, Any]) -> dict[str, Metric]:
    """Wall time of all runs that made the answers, and other work on their machines.

    A run that was killed reports neither, and is `n_failed`.
    """
    runs = run.get("runs") or ()
    seconds = [made["wall_seconds"] for made in runs if made.get("wall_seconds") is not None]
    others = [made["other_work"] for made in runs if made.get("other_work")]
    watched = known_sum(one["watched_seconds"] for one in others)
    cores = sum(one["cpu_seconds"] for one in others) / watched if watched else None
    return {
        "run_wall_seconds": Metric(known_sum(seconds), len(seconds), len(runs) - len(seconds)),
        "other_work_cores": Metric(cores, len(others), len(runs) - len(others)),
    }


def stages(answers: Sequence[Prediction], retrieval: ResourceUsage | None) -> dict[str, Metric]:
    """Seconds, tokens and dollars of generation, of retrieval, and of both; over all questions."""
    parts = {"generation": generation_usage(answers)}
    if retrieval is not None:
        parts["retrieval"] = retrieval
    return _usage({**parts, "total": together(list(parts.values()))}, len(answers))


def _usage(parts: Mapping[str, ResourceUsage], rows: int) -> dict[str, Metric]:
    return {
        f"{part}_{name}": Metric(value, rows if value is not None else 0)
        for part, usage in parts.items()
        for name, value in asdict(usage).items()
    }


def fields_in(answer: Prediction) -> int:
    """Number of values in an answer: those of its record, or its fields that are not empty."""
    if answer.status in NO_ANSWER:
        return 0
    if "record" in answer.answer:
        return _values_in(json.loads(answer.answer["record"]))
    return sum(bool(value) for value in answer.answer.values())


def _entries(answers: Sequence[Prediction], failed: int) -> dict[str, Metric]:
    """Objects in the lists of extracted records; nothing for other tasks than extraction."""
    counts = [int(answer.answer["entries"]) for answer in answers if "entries" in answer.answer]
    if not counts:
        return {}
    without = len(answers) - len(counts)
    return {
        "mean_entries": Metric(sum(counts) / len(counts), len(counts), without),
        # a text without a record took its time as well
        "entries_per_second": Metric(
            *rate(answers, lambda row: int(row.answer.get("entries", 0))), failed
        ),
    }


def _values_in(node: Any) -> int:
    if isinstance(node, dict):
        return sum(map(_values_in, node.values()))
    if isinstance(node, list):
        return sum(map(_values_in, node))
    return int(node is not None)


def _wall(answer: Prediction) -> float | None:
    """Seconds from when the request could be sent to its answer."""
    if answer.latency_seconds is None:
        return None
    return answer.latency_seconds + (answer.queue_seconds or 0.0)


def _times(name: str, seconds: Sequence[float | None], failed: int) -> dict[str, Metric]:
    known = [one for one in seconds if one is not None]
    values: dict[str, float | None] = {f"mean_{name}_seconds": mean(known)}
    for percent in PERCENTILES:
        values[f"p{percent}_{name}_seconds"] = percentile(known, percent)
    return {key: Metric(value, len(known), failed) for key, value in values.items()}
