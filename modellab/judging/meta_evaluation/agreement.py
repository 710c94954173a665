"""Agreement of judges: in pairs, all together, and with human labels."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modellab.core.errors import InputError
from modellab.core.intervals.means import jackknife_ends
from modellab.core.io.columns import require_columns
from modellab.core.io.table_file import cell_number, cell_text, read_table
from modellab.judging.meta_evaluation.judgements import (
    ANSWER,
    CONFIDENCE,
    MEASURE,
    Measure,
    mean,
    measure_of,
    measures,
)

PAIRS = (
    *("kind", "metric", "judge_a", "judge_b", "kappa", "kappa_low", "kappa_high"),
    *("kappa_weights", "spearman", "spearman_low", "spearman_high", "exact"),
    *("mean_difference", "n_scored", "n_failed"),
)
ALPHA = ("kind", "metric", "judges", "value", "low", "high", "level", "n_scored", "n_failed")
HUMAN = (
    *("judge", "kind", "metric", "kappa", "kappa_low", "kappa_high", "kappa_weights"),
    *("accuracy", "base_rate", "spearman", "spearman_low", "spearman_high"),
    *("mean_error", "mean_absolute_error", "n_scored", "n_failed"),
)
CONFUSION = ("judge", "kind", "metric", "human", "judged", "n")
_LABELS = ("question_id", "model", "metric", "value")

Level = Literal["ordinal", "interval"]
Array = NDArray[np.float64]

log = logging.getLogger(__name__)


def pair_table(answers: pd.DataFrame) -> pd.DataFrame:
    """By metric and pair of judges, over the answers that both have scored."""
    rows = [
        _pair(measure, a, b, group)
        for measure, group in measures(answers)
        for a, b in combinations(sorted(set(group["judge"])), 2)
    ]
    return pd.DataFrame(rows, columns=list(PAIRS))


def _pair(measure: Measure, a: str, b: str, group: pd.DataFrame) -> dict[str, Any]:
    one, two = (group.loc[group["judge"] == judge, [*ANSWER, "value"]] for judge in (a, b))
    both = one.merge(two, on=ANSWER, suffixes=("_a", "_b"))
    known = both.dropna(subset=["value_a", "value_b"])
    left, right = known["value_a"], known["value_b"]
    same = left.map(measure.category) == right.map(measure.category)
    return {
        **measure.names(),
        "judge_a": a,
        "judge_b": b,
        **_agreement(measure, left, right, known["question_id"]),
        "exact": mean(same.astype(float)),
        "mean_difference": mean(left - right),
        "n_scored": len(known),
        "n_failed": len(both) - len(known),
    }


def _agreement(
    measure: Measure, one: pd.Series[Any], two: pd.Series[Any], questions: pd.Series[Any]
) -> dict[str, Any]:
    """Kappa and rank correlation, each from -1 to 1 with its interval by a jackknife."""
    cells: dict[str, Any] = {"kappa_weights": kappa_weights(measure)}
    scores = np.column_stack([one, two])
    statistics: dict[str, Callable[..., float]] = {
        "kappa": partial(kappa, measure),
        "spearman": spearman,
    }
    for name, statistic in statistics.items():
        columns = (name, f"{name}_low", f"{name}_high")
        found = _with_interval(partial(_of_columns, statistic), scores, questions)
        cells |= dict(zip(columns, found, strict=True))
    return cells


def _of_columns(statistic: Callable[..., float], scores: Array) -> float:
    return statistic(*scores.T)


def _with_interval(
    statistic: Callable[[Array], float], scores: Array, questions: Iterable[str]
) -> tuple[float, float, float]:
    """A statistic of scores (answers, judges) and its interval; NaN where it is undefined."""

    def of(items: Sequence[int]) -> float | None:
        found = statistic(scores[list(items)])
        return None if math.isnan(found) else found

    ends = jackknife_ends(list(questions), of, (-1.0, 1.0), CONFIDENCE) if len(scores) else None
    return (statistic(scores), *(ends or (math.nan, math.nan)))


def kappa(measure: Measure, one: Sequence[float], two: Sequence[float]) -> float:
    """Cohen's kappa of the categories, with quadratic weights on a scale from 1 to 5.

    NaN where both always give the same single category, or there is nothing.
    """
    from sklearn.metrics import cohen_kappa_score

    a, b = ([measure.category(value) for value in values] for values in (one, two))
    if not a or len({*a, *b}) < 2:
        return math.nan
    weights = kappa_weights(measure) or None
    return float(cohen_kappa_score(a, b, labels=list(measure.scale.categories), weights=weights))


def kappa_weights(measure: Measure) -> str:
    return "quadratic" if len(measure.scale.categories) > 2 else ""


def spearman(one: Sequence[float], two: Sequence[float]) -> float:
    """Spearman's correlation; NaN for fewer than three pairs and where one side is constant."""
    from scipy.stats import spearmanr

    if len(one) < 3 or len(set(one)) < 2 or len(set(two)) < 2:
        return math.nan
    return float(spearmanr(one, two).statistic)


def alpha_table(answers: pd.DataFrame) -> pd.DataFrame:
    """By metric with two or more judges: Krippendorff's alpha, which allows for missing scores.

    Ordinal on a scale from 1 to 5, interval on one from 0 to 1.
    """
    rows = []
    for measure, group in measures(answers):
        wide = group.pivot(index=ANSWER, columns="judge", values="value")
        if len(wide.columns) < 2:
            continue
        scored = int((wide.count(axis=1) > 1).sum())
        level: Level = "ordinal" if len(measure.scale.categories) > 2 else "interval"
        cells = wide.to_numpy() if scored else np.empty((0, 0))
        value, low, high = _with_interval(
            partial(_krippendorff, level=level), cells, wide.index.get_level_values("question_id")
        )
        rows.append(
            {
                **measure.names(),
                "judges": " ".join(wide.columns),
                "value": value,
                "low": low,
                "high": high,
                "level": level,
                "n_scored": scored,
                "n_failed": len(wide) - scored,
            }
        )
    return pd.DataFrame(rows, columns=list(ALPHA))


def _krippendorff(cells: Array, level: Level) -> float:
    """Alpha of scores (answers, judges); NaN where all are the same."""
    import krippendorff

    if len(np.unique(cells[~np.isnan(cells)])) < 2:
        return math.nan
    return float(krippendorff.alpha(cells.T, level_of_measurement=level))


def read_labels(path: Path, answers: pd.DataFrame) -> pd.DataFrame:
    """Human labels: question_id, model, metric, value; where needed retriever, repeat and kind of
    judge whose scale the value is on.

    Several labels of one answer become their mean (`label`). Rows without a value are left out.
    Labels of answers that were not judged are logged.

    Raises:
        InputError: A value is no number or not on the scale, or the retriever or kind is missing
            though there are several.
    """
    given = read_table(path, _LABELS, numbers=("value",))
    require_columns(path, given.columns, _LABELS)
    retrievers = answers.groupby("model")["retriever"].agg(set).to_dict()
    kinds = answers.groupby("metric")["kind"].agg(set).to_dict()
    known_measures = {(m.kind, m.metric): m for m, _ in measures(answers)}
    rows = []
    for number, (place, cells) in enumerate(given.rows):
        row = {name: cell_text(f"{place}: {name}", cell) for name, cell in cells.items()}
        if not row["value"].strip():
            continue
        model, metric = row["model"], row["metric"]
        kind = _chosen(place, row, "kind", metric, kinds.get(metric, set()))
        value = cell_number(place, "value", row["value"])
        if measure := known_measures.get((kind, metric)):
            low, high = measure.scale.lowest, measure.scale.highest
            if not low <= value <= high:
                scale = f"the scale of {metric}, {low:g} to {high:g}"
                raise InputError(f"{place}: {value:g} is not on {scale}")
        retriever = _chosen(place, row, "retriever", model, retrievers.get(model, set()))
        repeat = int(cell_number(place, "repeat", row.get("repeat") or "1"))
        rows.append((number, kind, metric, model, retriever, row["question_id"], repeat, value))
    labels = pd.DataFrame(rows, columns=["number", *MEASURE, *ANSWER, "label"])
    merged = labels.groupby([*MEASURE, *ANSWER]).agg({"number": "min", "label": mean}).reset_index()
    known = merged.merge(answers[[*MEASURE, *ANSWER]].drop_duplicates(), how="left", indicator=True)
    unmet = merged["number"][known["_merge"].to_numpy() == "left_only"]
    if len(unmet):
        log.warning(
            "%s: %d of %d labels are for answers that were not judged; the first is %s",
            *(path, len(unmet), len(merged), given.rows[unmet.min()][0]),
        )
    return merged.drop(columns="number")


def no_labels() -> pd.DataFrame:
    return pd.DataFrame(columns=[*MEASURE, *ANSWER, "label"])


def human_table(answers: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """By judge and metric, over the answers that have a label.

    `accuracy` is the share of equal categories, `base_rate` that of the most frequent label (the
    accuracy of a judge that always gives it).
    """
    rows = []
    for measure, judge, group in _labelled(answers, labels):
        known = group.dropna(subset="value")
        human = known["label"].map(measure.category)
        said = known["value"].map(measure.category)
        errors = known["value"] - known["label"]
        rows.append(
            {
                "judge": judge,
                **measure.names(),
                **_agreement(measure, known["label"], known["value"], known["question_id"]),
                "accuracy": mean((human == said).astype(float)),
                "base_rate": human.value_counts(normalize=True).max(),
                "mean_error": mean(errors),
                "mean_absolute_error": mean(errors.abs()),
                "n_scored": len(known),
                "n_failed": len(group) - len(known),
            }
        )
    return pd.DataFrame(rows, columns=list(HUMAN))


def confusion_table(answers: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """By judge and metric: the number of answers by label and judged category."""
    rows = []
    for measure, judge, group in _labelled(answers, labels):
        known = group.dropna(subset="value")
        counts = pd.crosstab(
            known["label"].map(measure.category), known["value"].map(measure.category)
        ).reindex(index=measure.scale.categories, columns=measure.scale.categories, fill_value=0)
        rows += [
            {"judge": judge, **measure.names(), "human": h, "judged": j, "n": counts.loc[h, j]}
            for h in measure.scale.categories
            for j in measure.scale.categories
        ]
    return pd.DataFrame(rows, columns=list(CONFUSION))


def _labelled(
    answers: pd.DataFrame, labels: pd.DataFrame
) -> list[tuple[Measure, str, pd.DataFrame]]:
    """Each judge's labelled answers, also those without a score."""
    if labels.empty:
        return []
    both = answers.merge(labels, on=[*MEASURE, *ANSWER])
    return [
        (measure_of(group), str(judge), group)
        for (_, _, judge), group in both.groupby([*MEASURE, "judge"])
    ]


def _chosen(place: str, row: Mapping[str, str], column: str, of: str, known: set[str]) -> str:
    """The cell of a column that may be empty where only one value is possible."""
    if row.get(column):
        return row[column]
    if len(known) > 1:
        raise InputError(
            f"{place}: the {column} is missing, and {of} has several: {', '.join(sorted(known))}"
        )
    return next(iter(known), "")
