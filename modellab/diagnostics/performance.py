"""How fast and how reliably models answer, from their predictions and runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from math import fsum
from pathlib import Path
from typing import Any

from modellab.records import NO_ANSWER, Metric, Prediction, Status
from modellab.storage.csvfile import write_csv
from modellab.storage.jsonl import read_json, read_rows

COLUMNS = ("model", "retriever", "metric", "value", "n_scored", "n_failed")
#: stands for all retrievers of a model
EVERY = "(all)"
PERCENTILES = (50, 95)

Time = Callable[[Prediction], float | None]


def write_performance(path: Path, models: Mapping[str, tuple[Path, Path]]) -> None:
    """Write the metrics of all models: `models` are files of predictions and runs by name."""
    rows: list[dict[str, object]] = []
    for model, (predictions, run) in models.items():
        answers = read_rows(predictions, Prediction)
        for retriever, metrics in performance(answers, read_json(run)):
            about = {"model": model, "retriever": retriever}
            rows += [{**about, "metric": name, **asdict(m)} for name, m in metrics.items()]
    write_csv(path, COLUMNS, rows)


def performance(
    answers: Sequence[Prediction], run: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Metric]]]:
    """Per retriever, and for all together, the metrics by name; seconds, and items a second."""
    yield EVERY, {**answer_metrics(answers), **run_metrics(run)}
    for retriever in dict.fromkeys(answer.retriever for answer in answers):
        yield retriever, answer_metrics([row for row in answers if row.retriever == retriever])


def answer_metrics(answers: Sequence[Prediction]) -> dict[str, Metric]:
    """Times are those of rows with a text; failed rows have none of theirs in any time."""
    asked = [answer for answer in answers if answer.status != Status.MISSING]
    good = [answer for answer in asked if answer.status not in NO_ANSWER]
    texts = [answer for answer in asked if answer.status != Status.FAILED]
    failed = len(asked) - len(texts)
    return {
        "success_rate": _share(len(good), len(asked)),
        **_times("generation", texts, lambda answer: answer.latency_seconds, failed),
        **_times("wall", texts, _wall, failed),
        "items_per_second": _rate(texts, lambda _: 1, failed),
        "fields_per_second": _rate(texts, fields_in, failed),
        "output_tokens_per_second": _rate(texts, lambda row: row.completion_tokens, failed),
        **_entries(texts, failed),
    }


def run_metrics(run: Mapping[str, Any]) -> dict[str, Metric]:
    """What the run that made the predictions took as a whole, its loading included.

    Answers that were taken from the journal took no time of it and are not counted.
    """
    generated, seconds = run.get("generated"), run.get("wall_seconds")
    known = bool(generated and seconds)
    return {
        "run_wall_seconds": Metric(seconds, 1) if known else Metric(None, 0),
        "run_items_per_second": Metric(generated / seconds, generated)
        if generated and seconds
        else Metric(None, 0),
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


def _entries(answers: Sequence[Prediction], failed: int) -> dict[str, Metric]:
    """Nothing for other tasks than extraction. A text without a record took its time as well."""
    counts = [count for answer in answers if (count := entries_in(answer)) is not None]
    if not counts:
        return {}
    without = failed + len(answers) - len(counts)
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
    import numpy as np

    known = [seconds for answer in answers if (seconds := time(answer)) is not None]
    values: dict[str, float | None] = {f"mean_{name}_seconds": None}
    values |= {f"p{percent}_{name}_seconds": None for percent in PERCENTILES}
    if known:
        values[f"mean_{name}_seconds"] = fsum(known) / len(known)
        for percent in PERCENTILES:
            found = float(np.percentile(known, percent, method="linear"))
            values[f"p{percent}_{name}_seconds"] = found
    return {key: Metric(value, len(known), failed) for key, value in values.items()}


def _rate(
    answers: Sequence[Prediction], amount: Callable[[Prediction], int | None], failed: int
) -> Metric:
    """Things a second of generation, over the rows that tell both; a batch shares its time."""
    pairs = [
        (count, answer.latency_seconds / (answer.batch_size or 1))
        for answer in answers
        if answer.latency_seconds is not None and (count := amount(answer)) is not None
    ]
    seconds = fsum(time for _, time in pairs)
    if not seconds:
        return Metric(None, 0, failed)
    return Metric(sum(count for count, _ in pairs) / seconds, len(pairs), failed)
