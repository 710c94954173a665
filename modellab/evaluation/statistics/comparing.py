"""Paired comparisons of systems: differences, intervals, tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modellab.core.intervals.score_method import detectable, difference_interval, p_values
from modellab.core.metric import Better
from modellab.evaluation.statistics.contributions import (
    Array,
    Contributions,
    by_first,
    contributions,
)
from modellab.evaluation.statistics.estimates import CLUSTERED, SCORE
from modellab.evaluation.statistics.systems import Shared, SystemArrays
from modellab.tasks.scorer import ROUNDING, Additive, mean_of

MCNEMAR = "mcnemar_exact"
#: the component of rows about right and wrong: outcomes, not a score
CORRECTNESS = "correctness"
POWER = 0.8
COLUMNS = (
    *("component", "system_a", "system_b", "difference", "low", "high", "p_value", "p_holm"),
    *("test", "n", "units", "wins", "ties", "losses", "distinguishable", "better", "control"),
    *("smallest_difference", "further_questions"),
)


@dataclass(frozen=True)
class TestLevels:
    """The confidence of intervals, and the significance level of tests."""

    confidence: float
    alpha: float


def compare_pairs(
    component: str,
    shared: Shared,
    found: Contributions,
    scores: Array,
    way: Better,
    level: TestLevels,
) -> pd.DataFrame:
    """One row per pair in one component, on the questions that both have; not corrected yet.

    `n` of these are questions that the component is about, in the rows of at least one of the two,
    `units` the independent ones among them (documents, where questions are clustered).

    `difference` is a minus b on these questions, with its interval; wins, ties and losses are of a
    over b, question by question in `scores` (systems, questions), and go by which way is `better`:
    higher, lower, or neither (then the higher wins). `p_value` is two-sided.

    `smallest_difference` is the true difference that as many questions would show with a power of
    0.8, for this pair alone, `further_questions` how many more of the kind that the component is
    about it takes to show this one; missing where there is no difference.
    """
    systems = shared.systems
    results = tested(found, shared.pairs, systems.clusters, level)
    n, units = _counted(found.weights > 0, shared.pairs, systems.clusters)
    away = np.abs(results.differences)
    with np.errstate(divide="ignore", invalid="ignore"):
        further = np.ceil(n * (results.enough / away) ** 2 - n)
    return pd.DataFrame(
        {
            **_named(component, systems, shared.pairs),
            "difference": results.differences,
            "low": results.lows,
            "high": results.highs,
            "p_value": np.minimum(results.p, 1.0),
            "test": SCORE if systems.clusters is None else CLUSTERED,
            "n": n,
            "units": units,
            **_wins(scores, shared.pairs, way),
            "better": way.value,
            "smallest_difference": results.smallest,
            "further_questions": pd.Series(
                np.where(np.isnan(further) | (away == 0), np.nan, np.maximum(further, 0))
            ).astype("Int64"),
        }
    )


def _named(
    component: str, systems: SystemArrays, pairs: Sequence[tuple[int, int]]
) -> dict[str, Any]:
    names = np.array([entry.name for entry in systems.entries], dtype=object)
    control = np.array([entry.control for entry in systems.entries])
    a, b = np.array(pairs).T
    return {
        "component": component,
        "system_a": names[a],
        "system_b": names[b],
        "control": control[a] | control[b],
    }


def _counted(
    about: NDArray[np.bool_], pairs: Sequence[tuple[int, int]], clusters: NDArray[np.int_] | None
) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """(pairs,): questions and independent units that the rows of either are about."""
    alike = bool((about == about[:1]).all())
    whole = [about[0]] if alike else [about[a] | about[b] for a, b in pairs]
    n = np.array([either.sum() for either in whole])
    units = n if clusters is None else np.array([len(np.unique(clusters[e])) for e in whole])
    return (np.repeat(n, len(pairs)), np.repeat(units, len(pairs))) if alike else (n, units)


def _wins(scores: Array, pairs: Sequence[tuple[int, int]], way: Better) -> dict[str, Any]:
    """Questions that a wins, ties and loses; scores that differ by rounding only are alike."""
    counts = np.zeros((3, len(pairs)), dtype=int)
    whole = not np.isnan(scores).any()
    for a, places, others in by_first(pairs):
        differences = scores[a] - scores[others]
        differences = -differences if way is Better.LOWER else differences
        counts[0, places] = _true(differences >= ROUNDING)
        counts[2, places] = _true(differences <= -ROUNDING)
        # not a number is neither won nor tied nor lost
        known = scores.shape[1] if whole else _true(~np.isnan(differences))
        counts[1, places] = known - counts[0, places] - counts[2, places]
    return dict(zip(("wins", "ties", "losses"), counts, strict=True))


def _true(cells: NDArray[np.bool_]) -> NDArray[np.int_]:
    """The number of true cells in each row; eight at a time."""
    counts: NDArray[np.int_] = np.bitwise_count(np.packbits(cells, axis=1)).sum(axis=1, dtype=int)
    return counts


class Tested(NamedTuple):
    """Arrays (pairs,): differences, both ends of their intervals, p-values.

    Then the differences that would be found with the power named: by as many questions that differ
    as there are, and with those that a larger difference takes.
    """

    differences: Array
    lows: Array
    highs: Array
    p: Array
    enough: Array
    smallest: Array


def tested(
    found: Contributions,
    pairs: Sequence[tuple[int, int]],
    clusters: NDArray[np.int_] | None,
    level: TestLevels,
) -> Tested:
    """Interval and test of each pair; NaN where there is none."""
    first, second = np.array(pairs).T
    differences = found.values[first] - found.values[second]
    differences = np.where(np.abs(differences) < ROUNDING, 0.0, differences)
    strata = found.differences(pairs, clusters)
    if not strata:
        nothing = np.full(len(differences), np.nan)
        return Tested(*[nothing] * 6)
    lows, highs = difference_interval(strata, level.confidence)
    p = np.where((differences == 0) & ~np.isnan(lows), 1.0, p_values(strata))
    p = np.where(np.isnan(lows), np.nan, p)
    bound = found.high - found.low
    lows = np.clip(lows, -bound, differences)
    enough, smallest = detectable(strata, level.alpha, POWER)
    return Tested(differences, lows, np.clip(highs, differences, bound), p, enough, smallest)


def in_order(
    systems: SystemArrays, found: Sequence[pd.DataFrame], level: TestLevels
) -> pd.DataFrame:
    """All pairs of a component in the order of the systems, corrected for their number."""
    if not found:
        return pd.DataFrame(columns=list(COLUMNS))
    place = {entry.name: number for number, entry in enumerate(systems.entries)}
    pairs = pd.concat(found, ignore_index=True)
    keys = pd.DataFrame({name: pairs[name].map(place) for name in ("system_a", "system_b")})
    return corrected(pairs.iloc[keys.sort_values(["system_a", "system_b"]).index], level.alpha)


def corrected(pairs: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Holm's step-down correction (Holm 1979); the family are the pairs of contenders.

    `p_holm` is corrected for all of them, `distinguishable` says whether it is below alpha: the
    two differ significantly. A pair with a control is in no family: it has neither.
    """
    family = (pairs["p_value"].notna() & ~pairs["control"].astype(bool)).to_numpy()
    p = pairs["p_value"].to_numpy(dtype=float)[family]
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    holm = np.full(len(pairs), np.nan)
    holm[np.flatnonzero(family)[order]] = np.minimum(steps, 1.0)
    below = pd.Series(holm < alpha, pairs.index, dtype="boolean")
    significant = below.mask(pairs["control"].astype(bool))
    return pairs.assign(p_holm=holm, distinguishable=significant)[list(COLUMNS)]


def smallest_effect(component: str, pairs: pd.DataFrame, level: TestLevels) -> dict[str, Any]:
    """The smallest true difference that this set of questions shows with the power named.

    The median over all pairs of systems of `smallest_difference`, for one pair alone (Holm's
    correction asks for more).
    """
    known = pairs["smallest_difference"].dropna()
    return {
        "component": component,
        "smallest_difference": known.median() if len(known) else np.nan,
        "power": POWER,
        "alpha": level.alpha,
        "units": int(pairs["units"].max()) if len(pairs) else 0,
        "pairs": len(known),
    }


def correctness(shared: Sequence[Shared], systems: SystemArrays, level: TestLevels) -> pd.DataFrame:
    """McNemar's exact test of right and wrong for all pairs; repeats count by majority.

    Where questions are clustered, the shares of right answers are compared like any component.
    Empty where the task does not say what is right.
    """
    if np.isnan(systems.right).all():
        return in_order(systems, [], level)
    if systems.clusters is None:
        return in_order(systems, _mcnemar(systems), level)
    pairs = [
        compare_pairs(
            CORRECTNESS, group, _shares_of_right(group.systems), group.systems.right,
            Better.HIGHER, level,
        )
        for group in shared
    ]  # fmt: skip
    return in_order(systems, pairs, level)


def _shares_of_right(systems: SystemArrays) -> Contributions:
    known = ~np.isnan(systems.right)
    sums = np.stack([np.where(known, systems.right, 0.0), known.astype(float)], axis=2)
    additive = Additive(systems.additive.parts, {CORRECTNESS: mean_of(0, 1)}, "")
    return contributions(additive, CORRECTNESS, sums, systems.unanswerable)


def _mcnemar(systems: SystemArrays) -> list[pd.DataFrame]:
    pairs = list(combinations(range(len(systems.entries)), 2))
    if not pairs:
        return []
    right = np.where(np.isnan(systems.right), np.nan, (systems.right > 0.5).astype(float))
    counts = _wins(right, pairs, Better.HIGHER)
    n = np.sum(list(counts.values()), axis=0)
    with np.errstate(invalid="ignore"):
        difference = np.where(n > 0, (counts["wins"] - counts["losses"]) / n, np.nan)
    table = pd.DataFrame(
        {
            **_named(CORRECTNESS, systems, pairs),
            "difference": difference,
            "low": np.nan,
            "high": np.nan,
            "p_value": np.where(n > 0, mcnemar_exact(counts["wins"], counts["losses"]), np.nan),
            "test": MCNEMAR,
            "n": n,
            "units": n,
            **counts,
            "better": Better.HIGHER.value,
            "smallest_difference": np.nan,
            "further_questions": pd.array([pd.NA] * len(pairs), dtype="Int64"),
        }
    )
    return [table]


def mcnemar_exact(only_a: Any, only_b: Any) -> Array:
    """Two-sided p-values of these numbers of questions that only one of the two gets right."""
    from scipy.special import bdtr

    fewer, both = np.minimum(only_a, only_b), np.add(only_a, only_b)
    return np.asarray(np.where(both > 0, np.minimum(1.0, 2 * bdtr(fewer, both, 0.5)), 1.0))
