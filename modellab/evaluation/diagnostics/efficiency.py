"""Efficiency: speed and reliability of generation, of retrieval, and of both together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from math import fsum
from pathlib import Path
from typing import Any

import pandas as pd

from modellab.core.efficiency import known_sum, mean, percentile, together
from modellab.core.io.frames import frame_of, write_frame
from modellab.core.io.jsonl import read_json
from modellab.core.records import NO_ANSWER, Metric, ResourceUsage, Status
from modellab.evaluation.prediction_frame import read_prediction_frame

COLUMNS = ("model", "retriever", "metric", "value", "n_scored", "n_failed")
#: in place of a retriever: all of them together
EVERY = "(all)"
PERCENTILES = (50, 95)
_WITHOUT_TEXT = (Status.FAILED, Status.MISSING)


def write_efficiency(
    path: Path,
    models: Mapping[str, tuple[Path, Path]],
    fields: Sequence[str],
    retrieval: Mapping[str, ResourceUsage] | None = None,
) -> None:
    """Write the metrics of all models.

    Args:
        path: The table.
        models: Files of predictions and of runs, by name.
        fields: The fields of the task's answers.
        retrieval: The usage of finding the passages, by retriever.
    """
    rows: list[dict[str, object]] = []
    for model, (predictions, run) in models.items():
        answers = read_prediction_frame(predictions, fields)
        for retriever, metrics in efficiency(answers, read_json(run), retrieval or {}):
            about = {"model": model, "retriever": retriever}
            rows += [{**about, "metric": name, **asdict(m)} for name, m in metrics.items()]
    write_frame(path, frame_of(rows, COLUMNS))


def efficiency(
    answers: pd.DataFrame, run: Mapping[str, Any], retrieval: Mapping[str, ResourceUsage]
) -> Iterator[tuple[str, dict[str, Metric]]]:
    """The metrics by name, for all retrievers together and for each; `answers` is a frame.

    Equal requests of several retrievers are asked once: all together count their answer once.
    """
    distinct = answers.drop_duplicates(["run", "key"])
    alone = _usage({"generation": _generation_usage(distinct)}, len(distinct))
    yield EVERY, {**answer_metrics(distinct), **alone, **run_metrics(run)}
    for retriever, own in answers.groupby("retriever", sort=False):
        usage = stages(own, retrieval.get(str(retriever)))
        yield str(retriever), {**answer_metrics(own), **usage}


def answer_metrics(answers: pd.DataFrame) -> dict[str, Metric]:
    """Times are those of rows with a text; failed rows are in no latency."""
    asked = answers[answers["status"] != Status.MISSING]
    good = ~asked["status"].isin(NO_ANSWER)
    texts = asked[asked["status"] != Status.FAILED]
    failed, success = len(asked) - len(texts), good.mean() if len(asked) else None
    # from when the request could be sent to its answer
    wall = texts["latency_seconds"] + texts["queue_seconds"].fillna(0.0)
    concurrency = _mean_concurrency(asked)
    speed, timed = _rate(asked, pd.Series(1, asked.index))
    found = {
        "success_rate": Metric(success, len(asked), int((~good).sum())),
        **_times("generation", texts["latency_seconds"], failed),
        **_times("wall", wall, failed),
        "seconds_per_answer": Metric(1 / speed if speed else None, timed, failed),
        "mean_concurrency": Metric(concurrency, 0 if concurrency is None else len(asked)),
        "items_per_second": Metric(speed, timed, failed),
        "fields_per_second": Metric(*_rate(asked, _values(asked).where(good, 0)), failed),
        "output_tokens_per_second": Metric(*_rate(asked, asked["completion_tokens"]), failed),
    }
    if "answer.entries" in asked and (asked["answer.entries"] != "").any():
        entries = pd.to_numeric(asked["answer.entries"])
        without = int(entries.isna().sum())
        found["mean_entries"] = Metric(float(entries.mean()), len(entries) - without, without)
        # a text without a record took its time as well
        found["entries_per_second"] = Metric(*_rate(asked, entries.fillna(0)), failed)
    return found


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


def stages(answers: pd.DataFrame, retrieval: ResourceUsage | None) -> dict[str, Metric]:
    """Seconds, tokens and dollars of generation, of retrieval, and of both; over all questions."""
    parts = {"generation": _generation_usage(answers)}
    if retrieval is not None:
        parts["retrieval"] = retrieval
    return _usage({**parts, "total": together(list(parts.values()))}, len(answers))


def _usage(parts: Mapping[str, ResourceUsage], rows: int) -> dict[str, Metric]:
    return {
        f"{part}_{name}": Metric(value, rows if value is not None else 0)
        for part, usage in parts.items()
        for name, value in asdict(usage).items()
    }


def _generation_usage(answers: pd.DataFrame) -> ResourceUsage:
    """As `core.efficiency.generation_usage`: the cost is known only where that of each text is."""
    unpriced = answers["cost_usd"].isna() & ~answers["status"].isin(_WITHOUT_TEXT)
    seconds, cost = _known(answers["seconds_per_answer"]), _known(answers["cost_usd"])
    prompts, replies = (
        [int(count) for count in _known(answers[name])]
        for name in ("prompt_tokens", "completion_tokens")
    )
    return ResourceUsage(
        seconds=fsum(seconds) if seconds else None,
        input_tokens=known_sum(prompts),
        output_tokens=known_sum(replies),
        cost_usd=None if unpriced.any() else known_sum(cost),
    )


def _known(column: pd.Series[Any]) -> list[float]:
    return column.dropna().tolist()


def _values(answers: pd.DataFrame) -> pd.Series[int]:
    """Number of values in each answer: those of its record, or its fields that are not empty."""
    if "answer.record" in answers:
        return pd.to_numeric(answers["answer.fields"]).fillna(0).astype(int)
    return (answers.filter(like="answer.") != "").sum(axis=1)


def _rate(asked: pd.DataFrame, amount: pd.Series[Any]) -> tuple[float | None, int]:
    """Amount per second of the wall clock of generation, and the number of rows behind it."""
    texts = asked["status"] != Status.FAILED
    counted = texts & asked["seconds_per_answer"].notna() & amount.notna()
    seconds = fsum(_known(asked.loc[counted | ~texts, "seconds_per_answer"]))
    if not counted.any() or not seconds:
        return None, 0
    return float(amount[counted].sum()) / seconds, int(counted.sum())


def _mean_concurrency(asked: pd.DataFrame) -> float | None:
    both = asked[["latency_seconds", "seconds_per_answer"]].dropna()
    seconds = fsum(both["seconds_per_answer"])
    return fsum(both["latency_seconds"]) / seconds if seconds else None


def _times(name: str, seconds: pd.Series[float], failed: int) -> dict[str, Metric]:
    known = _known(seconds)
    values: dict[str, float | None] = {f"mean_{name}_seconds": mean(known)}
    for percent in PERCENTILES:
        values[f"p{percent}_{name}_seconds"] = percentile(known, percent)
    return {key: Metric(value, len(known), failed) for key, value in values.items()}
