"""Efficiency: speed and reliability of generation, of retrieval, and of both together.

Latency is the time from request to answer; throughput and total time use the wall clock
(`modellab.core.wall_clock`). Failed and missing rows have no latency, as a model that fails at once
is not fast, but their wall-clock time counts in throughput and total time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from math import fsum
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modellab.core.efficiency import UNTIMED, known_sum, mean, percentile, together
from modellab.core.records import NO_ANSWER, Metric, ResourceUsage, Status

COLUMNS = ("model", "retriever", "metric", "value", "n_scored", "n_failed")
#: in place of a retriever: all of them together
EVERY = "(all)"
PERCENTILES = (50, 95)
_NUMBERS = (
    *("prompt_tokens", "completion_tokens", "cost_usd", "latency_seconds"),
    *("queue_seconds", "seconds_per_answer"),
)

Columns = Mapping[str, NDArray[Any]]


def efficiency_rows(
    model: str,
    answers: pd.DataFrame,
    run: Mapping[str, Any],
    retrieval: Mapping[str, ResourceUsage],
) -> Iterator[dict[str, object]]:
    """The rows of one model in the table.

    Args:
        model: Its name.
        answers: Its predictions.
        run: The record of its run.
        retrieval: The usage of finding the passages, by retriever.
    """
    for retriever, metrics in efficiency(answers, run, retrieval):
        for name, metric in metrics.items():
            yield {"model": model, "retriever": retriever, "metric": name, **asdict(metric)}


def efficiency(
    answers: pd.DataFrame, run: Mapping[str, Any], retrieval: Mapping[str, ResourceUsage]
) -> Iterator[tuple[str, dict[str, Metric]]]:
    """The metrics by name, for all retrievers together and for each; `answers` is a frame.

    Equal requests of several retrievers are asked once: all together count their answer once.
    """
    measured = measures(answers)
    distinct = measured[~answers.duplicated(["run", "key"])]
    alone = _usage({"generation": generation_usage(distinct)}, len(distinct))
    yield EVERY, {**answer_metrics(distinct), **alone, **run_metrics(run)}
    for retriever, own in measured.groupby("retriever", sort=False):
        usage = stages(own, retrieval.get(str(retriever)))
        yield str(retriever), {**answer_metrics(own), **usage}


def measures(answers: pd.DataFrame) -> pd.DataFrame:
    """What the metrics take from each answer that was asked for, without its texts.

    `text` is whether one came, `good` whether it could be read. `values` are those of a record, or
    the fields that are not empty; `entries` (of records only) the objects in its lists.
    """
    status, fields = answers["status"], answers.filter(like="answer.")
    values = sum((fields[name] != "" for name in fields), pd.Series(0, answers.index))
    if "answer.record" in fields:
        values = pd.to_numeric(fields["answer.fields"]).fillna(0)
    good = ~status.isin(NO_ANSWER)
    found = answers[["retriever", *_NUMBERS]].assign(
        asked=status != Status.MISSING,
        text=~status.isin(UNTIMED),
        good=good,
        values=values.where(good, 0).astype(float),
    )
    if "answer.entries" in fields and (fields["answer.entries"] != "").any():
        found["entries"] = pd.to_numeric(fields["answer.entries"])
    return found


def answer_metrics(measured: pd.DataFrame) -> dict[str, Metric]:
    """Times are those of rows with a text; failed rows are in no latency."""
    asked = arrays(measured[measured["asked"]])
    text, latency, count = asked["text"], asked["latency_seconds"], len(asked["text"])
    failed, unreadable = int((~text).sum()), int((~asked["good"]).sum())
    # from when the request could be sent to its answer
    wall = latency + np.nan_to_num(asked["queue_seconds"])
    concurrency = mean_concurrency(asked)
    speed, timed = rate(asked, np.ones(count))
    found = {
        "success_rate": Metric(asked["good"].mean() if count else None, count, unreadable),
        **_times("generation", latency[text], failed),
        **_times("wall", wall[text], failed),
        "seconds_per_answer": Metric(1 / speed if speed else None, timed, failed),
        "mean_concurrency": Metric(concurrency, 0 if concurrency is None else count),
        "items_per_second": Metric(speed, timed, failed),
        "fields_per_second": Metric(*rate(asked, asked["values"]), failed),
        "output_tokens_per_second": Metric(*rate(asked, asked["completion_tokens"]), failed),
    }
    if "entries" in asked:
        entries = asked["entries"]
        without = int(np.isnan(entries).sum())
        mean_entries = pd.Series(entries).mean()
        found["mean_entries"] = Metric(float(mean_entries), count - without, without)
        # a text without a record took its time as well
        found["entries_per_second"] = Metric(*rate(asked, np.nan_to_num(entries)), failed)
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


def generation_usage(measured: pd.DataFrame) -> ResourceUsage:
    """Usage of the model. The cost is None unless it is known for each text."""
    columns = arrays(measured)
    seconds, cost = known(columns["seconds_per_answer"]), columns["cost_usd"]
    prompts, replies = (
        int(np.nansum(columns[name])) if not np.isnan(columns[name]).all() else None
        for name in ("prompt_tokens", "completion_tokens")
    )
    return ResourceUsage(
        seconds=fsum(seconds) if seconds else None,
        input_tokens=prompts,
        output_tokens=replies,
        cost_usd=None if np.isnan(cost[columns["text"]]).any() else known_sum(known(cost)),
    )


def arrays(measured: pd.DataFrame) -> Columns:
    """The columns of `measures` but the retriever."""
    return {str(name): measured[name].to_numpy() for name in measured.columns.drop("retriever")}


def known(column: NDArray[np.float64]) -> list[float]:
    found: list[float] = column[~np.isnan(column)].tolist()
    return found


def rate(asked: Columns, amount: NDArray[np.float64]) -> tuple[float | None, int]:
    """Amount per wall-clock second of generation, and the number of rows with a text behind it.

    Rows count for which both amount and time are known; failed rows add their time.
    """
    share, text = asked["seconds_per_answer"], asked["text"]
    counted = text & ~np.isnan(share) & ~np.isnan(amount)
    seconds = fsum(known(share[counted | ~text]))
    if not counted.any() or not seconds:
        return None, 0
    return float(amount[counted].sum()) / seconds, int(counted.sum())


def mean_concurrency(asked: Columns) -> float | None:
    """Mean number of requests in flight: latencies over wall-clock seconds."""
    share, latency = asked["seconds_per_answer"], asked["latency_seconds"]
    both = ~np.isnan(share) & ~np.isnan(latency)
    seconds = fsum(share[both].tolist())
    return fsum(latency[both].tolist()) / seconds if seconds else None


def _times(name: str, seconds: NDArray[np.float64], failed: int) -> dict[str, Metric]:
    found = known(seconds)
    values: dict[str, float | None] = {f"mean_{name}_seconds": mean(found)}
    for percent in PERCENTILES:
        values[f"p{percent}_{name}_seconds"] = percentile(found, percent)
    return {key: Metric(value, len(found), failed) for key, value in values.items()}
