"""Two systems on the same questions: how large the difference is, and whether it is one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from modellab.core.intervals.score_method import detectable, difference_interval, p_values
from modellab.core.metric import Better
from modellab.evaluation.statistics.contributions import Contributions
from modellab.evaluation.statistics.estimates import CLUSTERED, SCORE
from modellab.evaluation.statistics.systems import Shared, Systems
from modellab.tasks.additive import ROUNDING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modellab.tasks.additive import Array

MCNEMAR = "mcnemar_exact"
#: what the row of right and wrong is called: it is about outcomes, not about a component
CORRECTNESS = "correctness"
POWER = 0.8


@dataclass(frozen=True)
class Comparison:
    """One pair in one component, on the questions that both have.

    `n` of them are those that the component is about, in the rows of at least one of the two,
    `units` the independent ones among these (documents, where questions are clustered).

    `difference` is a minus b on these questions, with its interval; wins, ties and losses are of a
    over b, question by question, and go by which way is `better`: higher, lower, or neither (then
    the higher wins). `p_value` is two-sided; `p_holm` is corrected for all pairs of contenders in
    the component; `distinguishable` says whether it is below alpha. A pair with a `control` is in
    no family: it has neither.

    `smallest_difference` is the true difference that questions as many would show with a power of
    0.8, for this pair alone, `further_questions` how many more of the kind that the component is
    about it takes to show this one so; None where there is no difference.
    """

    component: str
    system_a: str
    system_b: str
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    p_holm: float | None
    test: str
    n: int
    units: int
    wins: int
    ties: int
    losses: int
    distinguishable: bool | None
    better: str
    control: bool
    smallest_difference: float | None
    further_questions: int | None


@dataclass(frozen=True)
class Detectable:
    """The smallest true difference that this set of questions shows with the power named.

    The median over all pairs of systems of `Comparison.smallest_difference`, for one pair alone
    (Holm's correction asks for more). `units` as in `Comparison`.
    """

    component: str
    smallest_difference: float | None
    power: float
    alpha: float
    units: int
    pairs: int


@dataclass(frozen=True)
class Level:
    """What the config says: the confidence of intervals, and where a p-value is small."""

    confidence: float
    alpha: float


def compare_pairs(
    component: str, shared: Shared, found: Contributions, marks: Array, way: Better, level: Level
) -> Iterator[Comparison]:
    """Each pair of `shared`, not corrected yet.

    `found` is the component and `marks` (systems, questions) what wins go by, both on the shared
    questions; marks are not a number where there is none.
    """

    systems = shared.systems
    clusters = systems.clusters
    told = tested(found, shared.own, clusters, level)
    about = found.weights > 0
    for place, (a, b) in enumerate(shared.own):
        n = int((about[a] | about[b]).sum())
        units = n if clusters is None else len(set(clusters[about[a] | about[b]].tolist()))
        difference, low, high, p, enough, smallest = (_known(a[place]) for a in told)
        wins, ties, losses = _wins(marks[a], marks[b], way)
        yield Comparison(
            component=component,
            system_a=systems.entries[a].name,
            system_b=systems.entries[b].name,
            difference=difference,
            low=low,
            high=high,
            p_value=None if p is None else min(1.0, p),
            p_holm=None,
            test=SCORE if clusters is None else CLUSTERED,
            n=n,
            units=units,
            wins=wins,
            ties=ties,
            losses=losses,
            distinguishable=False,
            better=way.value,
            control=_has_control(systems, a, b),
            smallest_difference=smallest,
            further_questions=_further(n, difference, enough),
        )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


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
    level: Level,
) -> Tested:
    """Interval and test of each pair; not a number where there is none."""
    import numpy as np

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
    component: str, systems: Systems, found: Iterable[Comparison], level: Level
) -> tuple[list[Comparison], Detectable]:
    """All pairs of a component in the order of the systems, corrected for their number."""
    place = {entry.name: number for number, entry in enumerate(systems.entries)}
    pairs = sorted(found, key=lambda one: (place[one.system_a], place[one.system_b]))
    known = [pair.smallest_difference for pair in pairs if pair.smallest_difference is not None]
    smallest = median(known) if known else None
    units = max((pair.units for pair in pairs), default=0)
    least = Detectable(component, smallest, POWER, level.alpha, units, len(known))
    return corrected(pairs, level.alpha), least


def correctness(shared: Iterable[Shared], systems: Systems, level: Level) -> list[Comparison]:
    """McNemar's exact test of right and wrong for all pairs; repeats count by majority.

    Where questions are clustered, the shares of right answers are compared like any component.
    Empty where the task does not say what is right.
    """
    import numpy as np

    if np.isnan(systems.right).all():
        return []
    if systems.clusters is None:
        return corrected(list(_mcnemar(systems)), level.alpha)
    pairs: list[Comparison] = []
    for group in shared:
        found = _shares_of_right(group.systems)
        of = (CORRECTNESS, group, found, group.systems.right, Better.HIGHER, level)
        pairs += compare_pairs(*of)
    return in_order(CORRECTNESS, systems, pairs, level)[0]


def _shares_of_right(systems: Systems) -> Contributions:
    import numpy as np

    from modellab.evaluation.statistics.contributions import contributions
    from modellab.tasks.additive import Additive, mean_of

    known = ~np.isnan(systems.right)
    sums = np.stack([np.where(known, systems.right, 0.0), known.astype(float)], axis=2)
    additive = Additive(lambda *_: (), {CORRECTNESS: mean_of(0, 1)}, "")
    return contributions(additive, CORRECTNESS, sums, systems.unanswerable)


def _mcnemar(systems: Systems) -> Iterator[Comparison]:
    import numpy as np

    right = np.where(np.isnan(systems.right), np.nan, (systems.right > 0.5).astype(float))
    for a, b in combinations(range(len(systems.entries)), 2):
        both = ~np.isnan(right[a]) & ~np.isnan(right[b])
        only_a = int((right[a, both] > right[b, both]).sum())
        only_b = int((right[a, both] < right[b, both]).sum())
        n = int(both.sum())
        yield Comparison(
            component=CORRECTNESS,
            system_a=systems.entries[a].name,
            system_b=systems.entries[b].name,
            difference=(only_a - only_b) / n if n else None,
            low=None,
            high=None,
            p_value=mcnemar_exact(only_a, only_b) if n else None,
            p_holm=None,
            test=MCNEMAR,
            n=n,
            units=n,
            wins=only_a,
            ties=n - only_a - only_b,
            losses=only_b,
            distinguishable=False,
            better=Better.HIGHER.value,
            control=_has_control(systems, a, b),
            smallest_difference=None,
            further_questions=None,
        )


def mcnemar_exact(only_a: int, only_b: int) -> float:
    """The two-sided p-value of so many questions that only one of the two gets right."""
    from statsmodels.stats.contingency_tables import mcnemar

    if not only_a + only_b:
        return 1.0
    return float(min(1.0, mcnemar([[0, only_a], [only_b, 0]], exact=True).pvalue))


def corrected(found: Sequence[Comparison], alpha: float) -> list[Comparison]:
    """Holm's step-down correction (Holm 1979); the family are the pairs of contenders."""
    from statsmodels.stats.multitest import multipletests

    family = {
        index: pair.p_value
        for index, pair in enumerate(found)
        if pair.p_value is not None and not pair.control
    }
    values = multipletests(list(family.values()), method="holm")[1] if family else ()
    holm = {index: float(p) for index, p in zip(family, values, strict=True)}
    return [
        replace(pair, p_holm=None, distinguishable=None)
        if pair.control
        else replace(pair, p_holm=holm.get(i), distinguishable=holm.get(i, 1.0) < alpha)
        for i, pair in enumerate(found)
    ]


def _has_control(systems: Systems, a: int, b: int) -> bool:
    return systems.entries[a].control or systems.entries[b].control


def _wins(a: Array, b: Array, way: Better) -> tuple[int, int, int]:
    """Questions that a wins, ties and loses; marks that differ by rounding only are alike."""
    import numpy as np

    a, b = (b, a) if way is Better.LOWER else (a, b)
    difference = (a - b)[~np.isnan(a - b)]
    alike: NDArray[np.bool_] = np.abs(difference) < ROUNDING
    wins = int(((difference > 0) & ~alike).sum())
    return wins, int(alike.sum()), len(difference) - wins - int(alike.sum())


def _further(n: int, difference: float | None, enough: float | None) -> int | None:
    """Standard errors fall with the square root of the number of questions."""
    if not difference or enough is None:
        return None
    return max(0, math.ceil(n * (enough / abs(difference)) ** 2 - n))
