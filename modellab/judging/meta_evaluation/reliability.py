"""Reliability of judges: self-consistency, failures and resource usage, and their biases."""

import math
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import pandas as pd

from modellab.judging.meta_evaluation.agreement import spearman
from modellab.judging.meta_evaluation.judgements import ANSWER, MEASURE, mean, measure_of, measures
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

    Calls that rows with equal prompts share are counted once. Latency is the sum over all calls of
    a judgement, of judgements with a text. Failed answers were not sent to the judge and are no
    errors of it.
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
    calls = int((group["calls"] - group["shared"]).sum())
    return {
        "n_judgements": len(group),
        "n_failed": int(failed.sum()),
        "error_rate": int(failed.sum()) / len(group),
        **{
            reason.value: int(failed.get(reason, 0))
            for reason in FAILURES
            if reason != Reason.NO_ANSWER
        },
        "calls": calls,
        "calls_per_judgement": calls / len(group),
        "avg_latency_seconds": mean(texts["latency_seconds"]),
        "prompt_tokens": group["prompt_tokens"].sum(min_count=1),
        "completion_tokens": group["completion_tokens"].sum(min_count=1),
        "cost_usd": math.fsum(costs) if len(costs) else math.nan,
        "cost_per_judgement_usd": mean(costs),
        "n_cost_known": len(costs),
    }


POSITION = (
    *("judge", "consistent", "first_favoured", "second_favoured", "position_bias"),
    *("n_scored", "n_failed"),
)
LENGTH = ("judge", "kind", "metric", "value", "n_scored", "n_failed")
PREFERENCE = (
    *("judge", "family", "kind", "metric", "value", "own", "own_by_others", "other"),
    *("other_by_others", "n_own", "n_other"),
)


def position_table(judgements: pd.DataFrame) -> pd.DataFrame:
    """By judge: the share of comparisons whose winner does not depend on the order.

    The others favour the first or the second answer; `position_bias` is the difference of these
    shares, from -1 to 1. Comparisons without a verdict for both orders are `n_failed`.
    """
    shown = judgements["shown"] != ""
    asked = judgements[(judgements["metric"] == PAIRWISE) & shown & (judgements["calls"] > 0)]
    pair = ["judge", "model", "other", "retriever", "question_id", "repeat", "judge_repeat"]
    both = asked.pivot_table(
        index=pair, columns="shown", values="value", aggfunc="last", dropna=False
    ).reindex(columns=["first", "second"])
    both = both.reindex(pd.MultiIndex.from_frame(asked[pair].drop_duplicates()))
    rows = []
    for judge, group in (both["first"] - both["second"]).groupby("judge"):
        gaps = group.dropna()
        first, second = mean((gaps > 0).astype(float)), mean((gaps < 0).astype(float))
        rows.append(
            {
                "judge": judge,
                "consistent": mean((gaps == 0).astype(float)),
                "first_favoured": first,
                "second_favoured": second,
                "position_bias": first - second,
                "n_scored": len(gaps),
                "n_failed": len(group) - len(gaps),
            }
        )
    return pd.DataFrame(rows, columns=list(POSITION))


def length_table(answers: pd.DataFrame) -> pd.DataFrame:
    """By judge and metric: Spearman's correlation of score and answer length in words.

    Both relative to their means over all answers to the same question, as some questions need
    longer answers.
    """
    rows = []
    for (kind, metric, judge), group in answers.groupby([*MEASURE, "judge"]):
        scored = group.dropna(subset="value").astype({"answer_words": float})
        by_question = scored.groupby("question_id")
        several = by_question["value"].transform("size") > 1
        # rounded, so that equal deviations stay equal whatever the order of the sums
        value, words = (
            (scored[name] - by_question[name].transform(mean))[several].round(9)
            for name in ("value", "answer_words")
        )
        rows.append(
            {
                "judge": judge,
                "kind": kind,
                "metric": metric,
                "value": spearman(words.tolist(), value.tolist()),
                "n_scored": len(value),
                "n_failed": len(group) - len(scored),
            }
        )
    return pd.DataFrame(rows, columns=list(LENGTH))


def preference_table(answers: pd.DataFrame, families: Mapping[str, str | None]) -> pd.DataFrame:
    """By judge with a family, and metric: how much it favours models of its own family.

    `value` = (own - own_by_others) - (other - other_by_others): its surplus over judges of other
    families for models of its own family, less that for all other models. Only answers that it
    and another judge scored count. `families` are those of the models.
    """
    rows = []
    for measure, group in measures(answers):
        for (judge, family), mine in group.dropna(subset="family").groupby(["judge", "family"]):
            strangers = group[group["family"].fillna("") != family]
            theirs = strangers.groupby(ANSWER)["value"].agg(mean).rename("theirs")
            both = mine.join(theirs, on=ANSWER).dropna(subset=["value", "theirs"])
            is_own = both["model"].map(families.get) == str(family)
            own, rest = both[is_own], both[~is_own]
            means = [mean(side[name]) for side in (own, rest) for name in ("value", "theirs")]
            rows.append(
                {
                    "judge": judge,
                    "family": family,
                    **measure.names(),
                    "value": math.nan
                    if any(map(math.isnan, means))
                    else (means[0] - means[1]) - (means[2] - means[3]),
                    **dict(
                        zip(
                            ("own", "own_by_others", "other", "other_by_others"), means, strict=True
                        )
                    ),
                    "n_own": len(own),
                    "n_other": len(rest),
                }
            )
    return pd.DataFrame(rows, columns=list(PREFERENCE))
