"""Whether judges agree: two at a time, and all together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations
from typing import Literal, NamedTuple

from modellab.core.intervals.jackknife import jackknife_ends
from modellab.judging.meta_evaluation.units import (
    Answer,
    Cells,
    Judge,
    Measure,
    Unit,
    by_judge,
    by_measure,
    mean,
)

PAIRS = (
    *("kind", "metric", "judge_a", "judge_b", "kappa", "kappa_low", "kappa_high"),
    *("kappa_weights", "spearman", "spearman_low", "spearman_high", "exact"),
    *("mean_difference", "n_scored", "n_failed"),
)
ALPHA = ("kind", "metric", "judges", "value", "low", "high", "level", "n_scored", "n_failed")
#: how likely an interval holds the true agreement
CONFIDENCE = 0.95
Level = Literal["ordinal", "interval"]
#: a statistic of two lists of scores
Statistic = Callable[[Sequence[float], Sequence[float]], float | None]


def pair_rows(units: Sequence[Unit]) -> list[Cells]:
    """By metric and pair of judges, over the answers that both have scored."""
    return [
        _pair(measure, a, b, found[a], found[b])
        for measure, group in sorted(by_measure(units).items())
        for found in [by_judge(group)]
        for a, b in combinations(sorted(found), 2)
    ]


def alpha_rows(units: Sequence[Unit]) -> list[Cells]:
    """By metric with two judges or more: Krippendorff's alpha, which takes missing scores."""
    return [
        _alpha(measure, group)
        for measure, group in sorted(by_measure(units).items())
        if len(by_judge(group)) > 1
    ]


def kappa(measure: Measure, one: Sequence[float], two: Sequence[float]) -> float | None:
    """Cohen's kappa of the categories, with quadratic weights on a scale from 1 to 5.

    None where both always give the same single category, or there is nothing.
    """
    from sklearn.metrics import cohen_kappa_score

    a, b = ([measure.category(value) for value in values] for values in (one, two))
    if not a or len({*a, *b}) < 2:
        return None
    value = cohen_kappa_score(
        a, b, labels=list(measure.categories), weights=kappa_weights(measure) or None
    )
    return _finite(value)


def kappa_weights(measure: Measure) -> str:
    return "quadratic" if len(measure.categories) > 2 else ""


def spearman(one: Sequence[float], two: Sequence[float]) -> float | None:
    """Spearman's correlation; None for fewer than three pairs and where one side is constant."""
    from scipy.stats import spearmanr

    if len(one) < 3 or len(set(one)) < 2 or len(set(two)) < 2:
        return None
    return _finite(spearmanr(one, two).statistic)


class Both(NamedTuple):
    """Scores of the same answers, the question of each, and how many answers lack a score."""

    one: list[float]
    two: list[float]
    questions: list[str]
    failed: int

    def cells(self, name: str, statistic: Statistic) -> Cells:
        """A statistic from -1 to 1 with its interval: a jackknife over questions."""

        def of(items: Sequence[int]) -> float | None:
            return statistic([self.one[i] for i in items], [self.two[i] for i in items])

        ends = jackknife_ends(self.questions, of, (-1.0, 1.0), CONFIDENCE)
        low, high = ends or (None, None)
        return {name: statistic(self.one, self.two), f"{name}_low": low, f"{name}_high": high}


def both_scored(one: dict[Answer, Unit], two: dict[Answer, Unit]) -> Both:
    """The answers that both have a score of."""
    shared = [answer for answer in sorted(one) if answer in two]
    pairs = [(one[answer].value, two[answer].value, answer.question_id) for answer in shared]
    known = [(a, b, q) for a, b, q in pairs if a is not None and b is not None]
    return Both(
        [a for a, _, _ in known],
        [b for _, b, _ in known],
        [q for _, _, q in known],
        len(pairs) - len(known),
    )


def _pair(
    measure: Measure, a: str, b: str, one: dict[Answer, Unit], two: dict[Answer, Unit]
) -> Cells:
    both = both_scored(one, two)
    left, right = both.one, both.two
    same = [measure.category(x) == measure.category(y) for x, y in zip(left, right, strict=True)]
    return {
        "kind": measure.kind,
        "metric": measure.metric,
        "judge_a": a,
        "judge_b": b,
        **both.cells("kappa", partial(kappa, measure)),
        "kappa_weights": kappa_weights(measure),
        **both.cells("spearman", spearman),
        "exact": mean([float(equal) for equal in same]),
        "mean_difference": mean([x - y for x, y in zip(left, right, strict=True)]),
        "n_scored": len(left),
        "n_failed": both.failed,
    }


def _alpha(measure: Measure, group: Sequence[Unit]) -> Cells:
    """Ordinal on a scale from 1 to 5, of intervals on one from 0 to 1."""
    found = by_judge(group)
    answers = sorted({unit.answer for unit in group})
    table = [[_value(found[judge].get(answer)) for answer in answers] for judge in sorted(found)]
    scored = sum(sum(not math.isnan(row[n]) for row in table) > 1 for n in range(len(answers)))
    level: Level = "ordinal" if len(measure.categories) > 2 else "interval"

    def of(items: Sequence[int]) -> float | None:
        return _krippendorff([[row[item] for item in items] for row in table], level)

    questions = [answer.question_id for answer in answers]
    ends = jackknife_ends(questions, of, (-1.0, 1.0), CONFIDENCE) if scored else None
    low, high = ends or (None, None)
    return {
        "kind": measure.kind,
        "metric": measure.metric,
        "judges": " ".join(sorted(found)),
        "value": _krippendorff(table, level) if scored else None,
        "low": low,
        "high": high,
        "level": level,
        "n_scored": scored,
        "n_failed": len(answers) - scored,
    }


def _krippendorff(table: Sequence[Sequence[float]], level: Level) -> float | None:
    import krippendorff

    known = {value for row in table for value in row if not math.isnan(value)}
    if len(known) < 2:
        return None
    return _finite(krippendorff.alpha([list(row) for row in table], level_of_measurement=level))


def _value(unit: Unit | None) -> float:
    return math.nan if unit is None or unit.value is None else unit.value


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def judges_in(units: Sequence[Unit]) -> dict[str, Judge]:
    """The judges by name."""
    return {unit.judge.name: unit.judge for unit in units}
