"""Reliability of judges: self-consistency, failures and resource usage."""

import math
from itertools import combinations
from typing import Any

import pandas as pd

from modellab.judging.meta_evaluation.judgements import mean, measure_of
from modellab.judging.records import FAILURES, Reason, State
from modellab.judging.rubric.options import PAIRWISE

CONSISTENCY = ("judge", "kind", "metric", "value", "exact", "pairs", "n_scored", "n_failed")
RESOURCE_USAGE = (
    *("judge", "kind", "judge_model", "n_judgements", "n_failed", "error_rate"),
    *(reason.value for reason in FAILURES if reason != Reason.NO_ANSWER),
    *("calls", "calls_per_judgement", "avg_latency_seconds", "prompt_tokens"),
    *("completion_tokens", "cost_usd", "cost_per_judgement_usd", "n_cost_known"),
)
#: failures that say nothing about latency
_WITHOUT_TEXT = (Reason.TIMEOUT, Reason.TOO_LONG, Reason.PROVIDER)


def consistency_table(answers: pd.DataFrame) -> pd.DataFrame:
    """By judge and metric: the share of pairs of repeats whose scores are close (`Scale.close`).

    `exact` is the share of equal ones. Answers without a score in some repeat are `n_failed`.
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
    return pd.DataFrame(rows, columns=list(CONSISTENCY))


def usage_table(judgements: pd.DataFrame) -> pd.DataFrame:
    """By judge: number of judgements, failures by reason, calls, time, tokens and dollars.

    Latency is the sum over all calls of a judgement, of judgements with a text. Failed answers
    were not sent to the judge and are no errors of it.
    """
    own = judgements["reason"] != Reason.NO_ANSWER
    asked = judgements[(judgements["state"] != State.NOT_APPLICABLE) & own]
    rows = [
        dict(zip(("judge", "kind", "judge_model"), key, strict=True)) | _usage(group)
        for key, group in asked.groupby(["judge", "kind", "judge_model"])
    ]
    whole = dict.fromkeys(("prompt_tokens", "completion_tokens"), "Int64")
    return pd.DataFrame(rows, columns=list(RESOURCE_USAGE)).astype(whole)


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
