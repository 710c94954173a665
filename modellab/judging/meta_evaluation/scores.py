"""Mean scores with their coverage: by judge, model, retriever and metric, and over these."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from modellab.core.records import ModelScores
from modellab.judging.meta_evaluation.judgements import (
    CONFIDENCE,
    Measure,
    judged_answers,
    mean,
    measure_of,
)
from modellab.judging.records import FAILURES, NOT_APPLICABLE, Reason, State

COLUMNS = (
    *("judge", "kind", "judge_model", "model", "retriever", "metric"),
    *("value", "low", "high", "value_strict"),
    *("n_scored", "n_failed", "n_not_applicable", "coverage"),
    *("marked", *(reason.value for reason in (*FAILURES, *NOT_APPLICABLE))),
)
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
_GROUP = ["judge", "kind", "judge_model", "model", "retriever", "metric"]


def score_table(judgements: pd.DataFrame, min_coverage: float) -> pd.DataFrame:
    """One row per judge, model, retriever and metric.

    `value` is the mean over the scored answers, with its interval from `low` to `high`.
    `value_strict` also counts answers that the model failed to give, with the worst score; answers
    at which the judge failed are in neither. `marked` is `low_coverage` where less than
    `min_coverage` of the answers to be judged are scored.
    """
    models = judgements.drop_duplicates("judge").set_index("judge")["judge_model"]
    answers = judged_answers(judgements)
    answers["judge_model"] = answers["judge"].map(models)
    once = [*_GROUP, "question_id", "repeat"]
    spared = judgements[judgements["state"] == State.NOT_APPLICABLE]
    spared = spared.drop_duplicates(once, keep="last")
    both = pd.concat([answers.assign(spared=False), spared.assign(spared=True)])
    rows = [
        dict(zip(_GROUP, key, strict=True)) | _means(group, min_coverage)
        for key, group in both.groupby(_GROUP)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).sort_values(
        ["judge", "model", "retriever", "metric"], ignore_index=True
    )


def _means(group: pd.DataFrame, min_coverage: float) -> dict[str, Any]:
    measure = measure_of(group)
    asked, spared = group[~group["spared"]], group[group["spared"]]
    scored = asked[asked["value"].notna()]
    lost, left = asked["reason"].value_counts(), spared["reason"].value_counts()
    unanswered = [measure.scale.worst] * int(lost.get(Reason.NO_ANSWER, 0))
    coverage = len(scored) / len(asked) if len(asked) else math.nan
    low, high = _interval(scored, measure)
    return {
        "value": mean(scored["value"]),
        "low": low,
        "high": high,
        "value_strict": mean([*scored["value"], *unanswered]),
        "n_scored": len(scored),
        "n_failed": len(asked) - len(scored),
        "n_not_applicable": len(spared),
        "coverage": coverage,
        "marked": "low_coverage" if coverage < min_coverage else "",
        **{reason.value: int(lost.get(reason, 0)) for reason in FAILURES},
        **{reason.value: int(left.get(reason, 0)) for reason in NOT_APPLICABLE},
    }


def _interval(scored: pd.DataFrame, measure: Measure) -> tuple[float, float]:
    """The 95 % interval of the mean, clustered by question and cut to the scale.

    The mean is a ratio of sums over questions; its linearised standard error (Cochran, Sampling
    Techniques, 1977, 6.3) is looked up in Student's t with questions - 1 degrees of freedom.
    NaN for one question, and where all answers have the same score.
    """
    from scipy.stats import t

    middle, draws = mean(scored["value"]), scored["question_id"].nunique()
    if draws < 2:
        return math.nan, math.nan
    sums = (scored["value"] - middle).groupby(scored["question_id"]).agg(math.fsum)
    error = math.sqrt(draws / (draws - 1) * math.fsum(sums**2)) / len(scored)
    reach = float(t.ppf((1 + CONFIDENCE) / 2, draws - 1)) * error
    if reach == 0:
        return math.nan, math.nan
    return max(measure.scale.least, middle - reach), min(measure.scale.highest, middle + reach)


def generator_table(scores: pd.DataFrame) -> pd.DataFrame:
    """By model, retriever and metric: the mean over the judges' means, and their spread."""
    by = ["model", "retriever", "kind", "metric"]
    groups = scores.groupby(by)
    found = pd.DataFrame(
        {
            "value": groups["value"].agg(mean),
            "lowest": groups["value"].min(),
            "highest": groups["value"].max(),
            "judges": groups["value"].count(),
            "n_scored": groups["n_scored"].sum(),
            "n_failed": groups["n_failed"].sum(),
            "marked": groups["marked"].max(),
        }
    )
    return found.reset_index()[list(GENERATORS)]


def judge_table(
    scores: pd.DataFrame, consistency: pd.DataFrame, usage: pd.DataFrame
) -> pd.DataFrame:
    """By judge and metric: the mean over all models, and the judge's reliability."""
    by = ["judge", "judge_model", "kind", "metric"]
    weighted = scores.assign(total=scores["value"] * scores["n_scored"])
    groups = weighted.groupby(by)
    counted = groups["n_scored"].sum()
    found = pd.DataFrame(
        {
            "value": groups["total"].agg(lambda cells: math.fsum(cells.dropna())) / counted,
            "n_scored": counted,
            "n_failed": groups["n_failed"].sum(),
        }
    ).reset_index()
    repeated = consistency[["judge", "metric", "value"]].rename(columns={"value": "consistency"})
    work = usage[["judge", "error_rate", "avg_latency_seconds", "cost_per_judgement_usd"]]
    found = found.merge(repeated, how="left", on=["judge", "metric"]).merge(
        work, how="left", on="judge"
    )
    return found.sort_values(["judge", "metric"], ignore_index=True)[list(JUDGES)]


def production_table(models: Sequence[ModelScores]) -> pd.DataFrame:
    """Models on a label dataset, such as whether to show an answer: by F1, controls last."""
    names = ("accuracy", "precision", "recall", "f1")
    rows = [
        {
            "model": model.name,
            "retriever": summary.retriever,
            "model_id": model.model_id,
            **{name: summary.metrics[name].value for name in names if name in summary.metrics},
            "avg_latency_seconds": summary.avg_latency_seconds,
            "n_scored": summary.metrics["accuracy"].n_scored,
            "n_failed": summary.metrics["accuracy"].n_failed,
            "control": summary.control,
        }
        for model in models
        for summary in model.summaries
    ]
    found = pd.DataFrame(rows, columns=list(PRODUCTION)).astype({"f1": float})
    return found.sort_values(
        ["control", "f1", "model"], ascending=[True, False, True], ignore_index=True
    )
