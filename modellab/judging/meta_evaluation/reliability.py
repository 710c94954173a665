"""How a judge does its work: whether it repeats itself, how often it fails, what it costs."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import pandas as pd

from modellab.judging.meta_evaluation.judgements import mean, measure_of, table
from modellab.judging.records import FAILURES, Reason, State
from modellab.judging.rubric.metrics import PAIRWISE

CONSISTENCY = ("judge", "kind", "metric", "value", "exact", "pairs", "n_scored", "n_failed")
RESOURCE_USAGE = (
    *("judge", "kind", "judge_model", "n_judgements", "n_failed", "error_rate"),
    *(reason.value for reason in FAILURES if reason != Reason.NO_ANSWER),
    *("calls", "calls_per_judgement", "avg_latency_seconds", "prompt_tokens"),
    *("completion_tokens", "cost_usd", "cost_per_judgement_usd", "n_cost_known"),
)
#: failures that say nothing of how long a judgement takes
_WITHOUT_TEXT = (Reason.TIMEOUT, Reason.TOO_LONG, Reason.PROVIDER)


def consistency_table(answers: pd.DataFrame) -> pd.DataFrame:
    """By judge and metric: the share of pairs of repeats of one answer that are close.

    Close is an eighth of the scale, 0.5 on one from 1 to 5; `exact` is the share that
    is equal. Answers of which a repeat has no score are `n_failed` and are left out.
    """
    repeated = answers[(answers["values"].map(len) > 1) & (answers["metric"] != PAIRWISE)]
    rows = []
    for (judge, kind, metric), group in repeated.groupby(["judge", "kind", "metric"]):
        whole = [values for values in group["values"] if not any(map(math.isnan, values))]
        gaps = [abs(a - b) for values in whole for a, b in combinations(values, 2)]
        close = measure_of(group).scale.close
        rows.append(
            {
                "judge": judge,
                "kind": kind,
                "metric": metric,
                "value": mean([float(gap <= close) for gap in gaps]),
                "exact": mean([float(gap == 0) for gap in gaps]),
                "pairs": len(gaps),
                "n_scored": len(whole),
                "n_failed": len(group) - len(whole),
            }
        )
    return table(rows, CONSISTENCY)


def usage_table(judgements: pd.DataFrame) -> pd.DataFrame:
    """By judge: judgements that it was asked for, how many failed and why, calls, time, dollars.

    Latency is that of a whole judgement: of all its calls, one after the other; judgements for
    which the judge gave no text are in none. Failed answers were not put to the judge and are no
    errors of it.
    """
    own = judgements["reason"] != Reason.NO_ANSWER
    asked = judgements[(judgements["state"] != State.NOT_APPLICABLE) & own]
    rows = [
        dict(zip(("judge", "kind", "judge_model"), key, strict=True)) | _usage(group)
        for key, group in asked.groupby(["judge", "kind", "judge_model"])
    ]
    whole = dict.fromkeys(("prompt_tokens", "completion_tokens"), "Int64")
    return table(rows, RESOURCE_USAGE).astype(whole)


def _usage(group: pd.DataFrame) -> dict[str, Any]:
    failed = group["reason"][group["state"] == State.FAILED].value_counts()
    texts = group[~group["reason"].isin(_WITHOUT_TEXT)]
    costs = group["cost_usd"].dropna()
    return {
        "n_judgements": len(group),
        "n_failed": int(failed.sum()),
        "error_rate": int(failed.sum()) / len(group),
        **{
            reason.value: int(failed.get(reason, 0))
            for reason in FAILURES
            if reason != Reason.NO_ANSWER
        },
        "calls": int(group["calls"].sum()),
        "calls_per_judgement": int(group["calls"].sum()) / len(group),
        "avg_latency_seconds": mean(texts["latency_seconds"]),
        "prompt_tokens": group["prompt_tokens"].sum(min_count=1),
        "completion_tokens": group["completion_tokens"].sum(min_count=1),
        "cost_usd": math.fsum(costs) if len(costs) else math.nan,
        "cost_per_judgement_usd": mean(costs),
        "n_cost_known": len(costs),
    }
