"""A sweep over many models in three tables: by generator, by judge, by production judge."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from modellab.core.records import ModelScores
from modellab.judging.meta_evaluation.units import Cells, mean

GENERATORS = (
    *("model", "retriever", "kind", "metric", "value", "lowest", "highest", "judges"),
    *("n_scored", "n_failed", "marked"),
)
JUDGES = (
    *("judge", "judge_model", "kind", "metric", "value", "consistency", "error_rate"),
    *("avg_latency_seconds", "cost_per_judgement_usd", "n_scored", "n_failed"),
)
PRODUCTION = (
    *("model", "retriever", "model_id", "accuracy", "precision", "recall", "f1"),
    *("avg_latency_seconds", "n_scored", "n_failed", "control"),
)


def generator_rows(scores: Sequence[Cells]) -> list[Cells]:
    """By model, retriever and metric: the mean over the judges' means, and their spread."""
    groups: dict[tuple[str, ...], list[Cells]] = defaultdict(list)
    for row in scores:
        key = tuple(str(row[name]) for name in ("model", "retriever", "kind", "metric"))
        groups[key].append(row)
    return [_generator(key, groups[key]) for key in sorted(groups)]


def judge_rows(
    scores: Sequence[Cells], consistency: Sequence[Cells], resource_usage: Sequence[Cells]
) -> list[Cells]:
    """By judge and metric: the mean over all models, beside how well the judge does its work."""
    steady = {(row["judge"], row["metric"]): row["value"] for row in consistency}
    work = {row["judge"]: row for row in resource_usage}
    groups: dict[tuple[str, str], list[Cells]] = defaultdict(list)
    for row in scores:
        groups[str(row["judge"]), str(row["metric"])].append(row)
    return [_judge(groups[key], steady.get(key), work.get(key[0], {})) for key in sorted(groups)]


def production_rows(models: Sequence[ModelScores]) -> list[Cells]:
    """Models that answer a label dataset, such as whether to show an answer.

    The best F1 stands first, controls stand last.
    """
    rows = [
        {"model": model.name, "retriever": summary.retriever, "model_id": model.model_id}
        | {
            name: summary.metrics[name].value if name in summary.metrics else None
            for name in ("accuracy", "precision", "recall", "f1")
        }
        | {"avg_latency_seconds": summary.avg_latency_seconds}
        | _counts(summary.metrics)
        | {"control": summary.control}
        for model in models
        for summary in model.summaries
    ]
    return sorted(
        rows,
        key=lambda row: (
            *(row["control"], row["f1"] is None, -_number(row["f1"]), str(row["model"])),
        ),
    )


def _generator(key: tuple[str, ...], rows: Sequence[Cells]) -> Cells:
    values = [_number(row["value"]) for row in rows if row["value"] is not None]
    return {
        **dict(zip(("model", "retriever", "kind", "metric"), key, strict=True)),
        "value": mean(values),
        "lowest": min(values, default=None),
        "highest": max(values, default=None),
        "judges": len(values),
        "n_scored": _sum(rows, "n_scored"),
        "n_failed": _sum(rows, "n_failed"),
        "marked": "low_coverage" if any(row["marked"] for row in rows) else "",
    }


def _judge(rows: Sequence[Cells], steady: object, work: Mapping[str, object]) -> Cells:
    scored = [(row["value"], row["n_scored"]) for row in rows if row["value"] is not None]
    total = sum(_number(n) for _, n in scored)
    weighted = math.fsum(_number(v) * _number(n) for v, n in scored)
    value = weighted / total if total else None
    first = rows[0]
    return {
        **{name: first[name] for name in ("judge", "judge_model", "kind", "metric")},
        "value": value,
        "consistency": steady,
        **{
            name: work.get(name)
            for name in ("error_rate", "avg_latency_seconds", "cost_per_judgement_usd")
        },
        "n_scored": _sum(rows, "n_scored"),
        "n_failed": _sum(rows, "n_failed"),
    }


def _counts(metrics: Mapping[str, object]) -> Cells:
    found = metrics.get("accuracy")
    return {"n_scored": getattr(found, "n_scored", 0), "n_failed": getattr(found, "n_failed", 0)}


def _sum(rows: Sequence[Cells], name: str) -> int:
    return int(sum(_number(row[name]) for row in rows))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
