"""The interval of any statistic over questions: a kappa, an alpha, a rank correlation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from modellab.core.intervals.means import Ends

#: so many groups of questions are left out in turn; more of them change the error by little
_GROUPS = 50


def jackknife_ends(
    questions: Sequence[str],
    statistic: Callable[[Sequence[int]], float | None],
    scale: tuple[float, float],
    confidence: float,
) -> Ends | None:
    """Delete-a-group jackknife (Kott 2001) of a statistic of items.

    `questions` names for each item the question that it is about: all items of a question are left
    out together. `statistic` takes places of items. The error is looked up in Student's t with
    groups - 1 degrees of freedom; ends are cut off at the statistic's scale. None where there are
    fewer than three groups, the statistic has no value on a part, or nothing changes it.
    """
    from scipy.special import stdtrit

    names = list(dict.fromkeys(questions))
    count = min(_GROUPS, len(names))
    group = {name: place % count for place, name in enumerate(names)}
    everything = list(range(len(questions)))
    value = statistic(everything)
    if count < 3 or value is None:
        return None
    without = [
        statistic([item for item in everything if group[questions[item]] != left])
        for left in range(count)
    ]
    known = [part for part in without if part is not None]
    if len(known) < count:
        return None
    middle = math.fsum(known) / count
    squares = math.fsum((part - middle) ** 2 for part in known)
    reach = float(stdtrit(count - 1, (1 + confidence) / 2)) * math.sqrt(
        squares * (count - 1) / count
    )
    if reach == 0:
        return None
    return Ends(max(scale[0], value - reach), min(scale[1], value + reach))
