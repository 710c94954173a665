"""The consensus of several judges, and the influence of each one on the ranking of models."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from modellab.judging.meta_evaluation.judgements import (
    ANSWER,
    SYSTEM,
    Measure,
    mean,
    measures,
)

CONSENSUS = (
    *("kind", "metric", "model", "retriever", "value", "judges", "weights", "method"),
    *("n_scored", "n_complete", "n_failed"),
)
RANKING = (
    *("kind", "metric", "dropped", "model", "retriever", "value", "rank", "rank_change"),
    *("kendall_tau", "n_scored", "n_failed"),
)
#: weights by kind of judge, metric and judge
Weights = Mapping[tuple[str, str, str], float]


def weights_of(human: pd.DataFrame) -> dict[tuple[str, str, str], float]:
    """The weight of each judge by metric: its kappa with human labels, or 0 if that is negative."""
    rows = human[["kind", "metric", "judge", "kappa"]].to_dict("records")
    return {
        (row["kind"], row["metric"], row["judge"]): max(0.0, row["kappa"])
        if math.isfinite(row["kappa"])
        else 0.0
        for row in rows
    }


def consensus_table(answers: pd.DataFrame, method: str, weights: Weights) -> pd.DataFrame:
    """By metric, model and retriever: the mean over answers of the judges' consensus.

    `method` is `mean` or `median`. Judges without a score for an answer are left out of it.
    `n_complete` counts the answers that all judges scored, `n_failed` those that none did.
    """
    rows = []
    for measure, group in measures(answers):
        wide = group.pivot(index=ANSWER, columns="judge", values="value")
        shares = _shares(measure, list(wide.columns), weights)
        together = wide.agg(_together, axis=1, shares=shares, method=method)
        for (model, retriever), scores in together.groupby(SYSTEM):
            known = scores.dropna()
            rows.append(
                {
                    **measure.names(),
                    "model": model,
                    "retriever": retriever,
                    "value": mean(known),
                    "judges": len(wide.columns),
                    "weights": " ".join(f"{name}={share:.4g}" for name, share in shares.items()),
                    "method": method,
                    "n_scored": len(known),
                    "n_complete": int(wide.loc[scores.index].notna().all(axis=1).sum()),
                    "n_failed": len(scores) - len(known),
                }
            )
    return pd.DataFrame(rows, columns=list(CONSENSUS))


def _shares(measure: Measure, names: list[str], weights: Weights) -> dict[str, float]:
    """Weights that add up to 1; equal where no judge has one."""
    raw = {name: weights.get((measure.kind, measure.metric, name), 0.0) for name in names}
    total = math.fsum(raw.values())
    if total == 0:
        return {name: 1 / len(names) for name in names}
    return {name: weight / total for name, weight in raw.items()}


def _together(scores: pd.Series[float], shares: Mapping[str, float], method: str) -> float:
    """The consensus on one answer; NaN where no judge with a weight has a score."""
    counted = [name for name in scores.index if shares[name] > 0 and not math.isnan(scores[name])]
    if not counted:
        return math.nan
    values = np.array([scores[name] for name in counted])
    own = np.array([shares[name] for name in counted])
    if method == "mean":
        return math.fsum(values * own) / math.fsum(own)
    return _weighted_median(values, own)


def _weighted_median(values: Any, shares: Any) -> float:
    """The mean of two scores where exactly half of the weight is on either side."""
    order = np.argsort(values, kind="stable")
    values, passed = values[order], np.cumsum(shares[order]) / math.fsum(shares)
    place = int(np.argmax(passed > 0.5 - 1e-12))
    if abs(passed[place] - 0.5) < 1e-12 and place + 1 < len(values):
        return float(values[place] + values[place + 1]) / 2
    return float(values[place])


def ranking_table(
    answers: pd.DataFrame, controls: Collection[tuple[str, str]] = frozenset()
) -> pd.DataFrame:
    """By metric: the ranking of systems by all judges alike, and without each one of them.

    `controls` (model, retriever) are not ranked. `rank_change` is the rank without the judge less
    that with all; `kendall_tau` compares the two rankings (1: identical).
    """
    systems = pd.MultiIndex.from_frame(answers[SYSTEM])
    found = []
    for measure, group in measures(answers[~systems.isin(list(controls))]):
        wide = group.pivot(index=ANSWER, columns="judge", values="value")
        if len(wide.columns) < 2:
            continue
        full = _ranked(wide, measure)
        for dropped in ("", *wide.columns):
            ranked = _ranked(wide.drop(columns=dropped, errors="ignore"), measure)
            ranked["rank_change"] = ranked["rank"] - full["rank"]
            ranked["kendall_tau"] = _kendall(full["rank"], ranked["rank"])
            ranked = ranked.sort_values("rank", kind="stable", na_position="last").reset_index()
            found.append(ranked.assign(**measure.names(), dropped=dropped))
    if not found:
        return pd.DataFrame([], columns=list(RANKING))
    return pd.concat(found, ignore_index=True)[list(RANKING)]


def _ranked(wide: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """By system: the mean over answers and judges; equal means share a rank."""
    groups = wide.agg(mean, axis=1).groupby(SYSTEM)
    value = groups.agg(mean)
    return pd.DataFrame(
        {
            "value": value,
            "rank": value.round(12)
            .rank(method="min", ascending=not measure.scale.higher_is_better)
            .astype("Int64"),
            "n_scored": groups.count(),
            "n_failed": groups.size() - groups.count(),
        }
    )


def _kendall(one: pd.Series[Any], two: pd.Series[Any]) -> float:
    from scipy.stats import kendalltau

    both = pd.DataFrame({"one": one, "two": two}).dropna().astype(int)
    if both["one"].nunique() < 2 or both["two"].nunique() < 2:
        return math.nan
    return float(kendalltau(both["one"], both["two"]).statistic)
