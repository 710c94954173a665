"""Two systems on the same questions: how large the difference is, and whether it is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import median
from typing import TYPE_CHECKING

from modellab.metrics.description import Better
from modellab.statistics.additive import ROUNDING
from modellab.statistics.shared import Pair, Shared
from modellab.statistics.units import Systems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modellab.statistics.additive import Array

PAIRED, MCNEMAR = "paired_bootstrap_t", "mcnemar_exact"
#: what the row of McNemar's test is called: it is about right and wrong, not about a component
CORRECTNESS = "correctness"
POWER = 0.8


@dataclass(frozen=True)
class Comparison:
    """One pair in one component, on the units that both have.

    `n` of them are those that the component is about, in the rows of at least one of the two.

    `difference` is a minus b on these units, with its interval; wins, ties and losses are of a
    over b, unit by unit, and go by which way is `better`: higher, lower, or neither (then the
    higher wins). `p_value` is two-sided; `p_holm` is corrected for all pairs of the component.
    `distinguishable` says whether it is below alpha. A pair with a `control` is in no family: it
    has neither.
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
    wins: int
    ties: int
    losses: int
    distinguishable: bool | None
    better: str
    control: bool


@dataclass(frozen=True)
class Detectable:
    """The smallest true difference that this set of questions shows with the power named.

    (z of 1 - alpha/2 plus z of the power) times the median standard error of the differences
    between systems, for one pair alone (Holm's correction asks for more).
    """

    component: str
    smallest_difference: float | None
    power: float
    alpha: float
    units: int
    pairs: int


def compare_pairs(
    component: str,
    systems: Systems,
    values: Array,
    marks: Array,
    shared: Shared,
    way: Better,
    confidence: float,
) -> Iterator[tuple[Comparison, float]]:
    """Each pair of `shared`, not corrected yet, and the standard error of its difference.

    `values` and `marks` are (systems, units): the component on each unit alone, and what wins go
    by; not a number where there is none.
    The test divides the difference by its standard error over paired resamples and looks it up
    in Student's t with n - 1 degrees of freedom. Where every unit differs alike, there is no
    error to divide by; the p-value is then that of as many coins on one side.
    """
    for a, b in shared.pairs:
        difference, drawn = _difference(component, shared, (a, b))
        units = _units_about(systems, values, (a, b))
        known = difference is not None and len(drawn) > 1 and units > 1
        error = _error(drawn) if known else 0.0
        wins, ties, losses = _wins(marks[a], marks[b], way)
        low, high = _ends(drawn, confidence) if known else (None, None)
        yield (
            Comparison(
                component=component,
                system_a=systems.entries[a].name,
                system_b=systems.entries[b].name,
                difference=difference,
                low=low,
                high=high,
                p_value=_p_value(difference, error, units) if known else None,
                p_holm=None,
                test=PAIRED,
                n=units,
                wins=wins,
                ties=ties,
                losses=losses,
                distinguishable=False,
                better=way.value,
                control=_has_control(systems, a, b),
            ),
            error,
        )


def in_order(
    component: str, systems: Systems, found: Iterable[tuple[Comparison, float]], alpha: float
) -> tuple[list[Comparison], Detectable]:
    """All pairs of a component in the order of the systems, corrected for their number."""
    place = {entry.name: number for number, entry in enumerate(systems.entries)}
    pairs = sorted(found, key=lambda one: (place[one[0].system_a], place[one[0].system_b]))
    errors = [error for _, error in pairs if error > 0]
    corrected = _corrected([pair for pair, _ in pairs], alpha)
    return corrected, _detectable(component, errors, systems, alpha)


def _difference(component: str, shared: Shared, pair: Pair) -> tuple[float | None, Array]:
    """On the shared units: a minus b, and the same in each resample that has both."""
    import numpy as np

    if component not in shared.replicates:
        return None, np.empty(0)
    a, b = (shared.column[place] for place in pair)
    values, replicates = shared.values[component], shared.replicates[component]
    drawn = replicates[:, a] - replicates[:, b]
    return _finite(values[a] - values[b]), drawn[~np.isnan(drawn)]


def _units_about(systems: Systems, values: Array, pair: Pair) -> int:
    """The units that both systems have, and that the component is about in either's rows."""
    import numpy as np

    a, b = pair
    about = ~np.isnan(values[a]) | ~np.isnan(values[b])
    return int((systems.present[a] & systems.present[b] & about).sum())


def _error(drawn: Array) -> float:
    """The standard deviation of the resamples; 0 where they differ by rounding only."""
    error = float(drawn.std(ddof=1))
    return error if error > ROUNDING else 0.0


def _ends(drawn: Array, confidence: float) -> tuple[float, float]:
    import numpy as np

    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def mcnemar_all(systems: Systems, alpha: float) -> list[Comparison]:
    """McNemar's exact test of right and wrong for all pairs; units with repeats count by majority.

    Empty where the task has no mark for right answers.
    """
    import numpy as np

    if np.isnan(systems.correct).all():
        return []
    right = np.where(np.isnan(systems.correct), np.nan, (systems.correct > 0.5).astype(float))
    found = []
    for a, b in combinations(range(len(systems.entries)), 2):
        both = ~np.isnan(right[a]) & ~np.isnan(right[b])
        only_a = int((right[a, both] > right[b, both]).sum())
        only_b = int((right[a, both] < right[b, both]).sum())
        n = int(both.sum())
        found.append(
            Comparison(
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
                wins=only_a,
                ties=n - only_a - only_b,
                losses=only_b,
                distinguishable=False,
                better=Better.HIGHER.value,
                control=_has_control(systems, a, b),
            )
        )
    return _corrected(found, alpha)


def mcnemar_exact(only_a: int, only_b: int) -> float:
    """The two-sided p-value of so many pairs in which only one of the two is right."""
    from scipy.stats import binom

    return float(min(1.0, 2 * binom.cdf(min(only_a, only_b), only_a + only_b, 0.5)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction (Holm 1979), in the order given."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for place, index in enumerate(order):
        highest = max(highest, min(1.0, p_values[index] * (len(p_values) - place)))
        corrected[index] = highest
    return corrected


def _wins(a: Array, b: Array, way: Better) -> tuple[int, int, int]:
    """Units that a wins, ties and loses; marks that differ by rounding only are alike."""
    import numpy as np

    a, b = (b, a) if way is Better.LOWER else (a, b)
    difference = (a - b)[~np.isnan(a - b)]
    alike: NDArray[np.bool_] = np.abs(difference) < ROUNDING
    wins = int(((difference > 0) & ~alike).sum())
    return wins, int(alike.sum()), len(difference) - wins - int(alike.sum())


def _p_value(difference: float | None, error: float, units: int) -> float:
    from scipy.stats import t

    assert difference is not None
    if error > 0:
        return float(2 * t.sf(abs(difference) / error, units - 1))
    return float(min(1.0, 2.0 ** (1 - units))) if abs(difference) > ROUNDING else 1.0


def _has_control(systems: Systems, a: int, b: int) -> bool:
    return systems.entries[a].control or systems.entries[b].control


def _corrected(found: list[Comparison], alpha: float) -> list[Comparison]:
    """The family are the pairs of contenders; a pair with a control keeps its own p-value only."""
    family = {
        index: pair.p_value
        for index, pair in enumerate(found)
        if pair.p_value is not None and not pair.control
    }
    corrected = dict(zip(family, holm(list(family.values())), strict=True))
    return [
        replace(pair, p_holm=None, distinguishable=None)
        if pair.control
        else replace(pair, p_holm=corrected.get(i), distinguishable=corrected.get(i, 1.0) < alpha)
        for i, pair in enumerate(found)
    ]


def _detectable(
    component: str, errors: Sequence[float], systems: Systems, alpha: float
) -> Detectable:
    from scipy.stats import norm

    reach = float(norm.ppf(1 - alpha / 2) + norm.ppf(POWER))
    smallest = reach * median(errors) if errors else None
    return Detectable(component, smallest, POWER, alpha, len(systems.units), len(errors))


def _finite(value: float) -> float | None:
    return None if value != value else float(value)


def not_told_apart(pairs: Sequence[Comparison], name: str) -> Iterator[str]:
    """The contenders that one cannot be told apart from, in the order of the pairs."""
    for pair in pairs:
        if pair.distinguishable is False and name in (pair.system_a, pair.system_b):
            yield pair.system_b if name == pair.system_a else pair.system_a
