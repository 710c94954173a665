"""How fast and how reliably systems answer: generation, retrieval, and both together."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
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

Time = Callable[[Prediction], float | None]


def write_efficiency(
    path: Path,
    models: Mapping[str, tuple[Path, Path]],
    retrieval: Mapping[str, ResourceUsage] | None = None,
) -> None:
    """Write the metrics of all models: `models` are files of predictions and runs by name.

    `retrieval` is what finding the passages took, by retriever.
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
    return {
        "success_rate": _share(len(good), len(asked)),
        **_times("generation", texts, lambda answer: answer.latency_seconds, failed),
        **_times("wall", texts, _wall, failed),
        "seconds_per_answer": _inverse(_rate(asked, lambda _: 1, failed)),
        "mean_concurrency": _concurrency(asked),
        "items_per_second": _rate(asked, lambda _: 1, failed),
        "fields_per_second": _rate(asked, fields_in, failed),
        "output_tokens_per_second": _rate(asked, lambda row: row.completion_tokens, failed),
        **_entries(asked, failed),
    }


def run_metrics(run: Mapping[str, Any]) -> dict[str, Metric]:
    """What all runs that made the answers took as a whole, and what else their machines did.

    A run that was killed tells neither, and is `n_failed`.
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
    """How many values an answer holds: those of its record, or its fields that are not empty."""
    if answer.status in NO_ANSWER:
        return 0
    if "record" in answer.answer:
        return _values_in(json.loads(answer.answer["record"]))
    return sum(bool(value) for value in answer.answer.values())


def entries_in(answer: Prediction) -> int | None:
    """How many objects the lists of an extracted record hold; None where there is no record."""
    count = answer.answer.get("entries")
    return None if count is None else int(count)


def _concurrency(answers: Sequence[Prediction]) -> Metric:
    value = mean_concurrency(answers)
    return Metric(value, len(answers) if value is not None else 0)


def _inverse(metric: Metric) -> Metric:
    value = 1 / metric.value if metric.value else None
    return Metric(value, metric.n_scored, metric.n_failed)


def _entries(answers: Sequence[Prediction], failed: int) -> dict[str, Metric]:
    """Nothing for other tasks than extraction. A text without a record took its time as well."""
    counts = [count for answer in answers if (count := entries_in(answer)) is not None]
    if not counts:
        return {}
    without = len(answers) - len(counts)
    return {
        "mean_entries": Metric(sum(counts) / len(counts), len(counts), without),
        "entries_per_second": _rate(answers, lambda row: entries_in(row) or 0, failed),
    }


def _values_in(node: Any) -> int:
    if isinstance(node, dict):
        return sum(map(_values_in, node.values()))
    if isinstance(node, list):
        return sum(map(_values_in, node))
    return int(node is not None)


def _wall(answer: Prediction) -> float | None:
    """From when the request could be sent to when its answer was there."""
    if answer.latency_seconds is None:
        return None
    return answer.latency_seconds + (answer.queue_seconds or 0.0)


def _share(part: int, whole: int) -> Metric:
    return Metric(part / whole, whole, whole - part) if whole else Metric(None, 0)


def _times(name: str, answers: Sequence[Prediction], time: Time, failed: int) -> dict[str, Metric]:
    known = [seconds for answer in answers if (seconds := time(answer)) is not None]
    values: dict[str, float | None] = {f"mean_{name}_seconds": mean(known)}
    for percent in PERCENTILES:
        values[f"p{percent}_{name}_seconds"] = percentile(known, percent)
    return {key: Metric(value, len(known), failed) for key, value in values.items()}


def _rate(
    answers: Sequence[Prediction], amount: Callable[[Prediction], int | None], failed: int
) -> Metric:
    """Things a second of the wall clock of generation."""
    return Metric(*rate(answers, amount), failed)
