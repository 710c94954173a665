"""How much a score changes from one repeat to the next: the noise that is in every comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import stdev

from modellab.core.records import Metric, RepeatNoise


def repeat_noise(repeats: Sequence[Mapping[str, Metric]]) -> dict[str, RepeatNoise]:
    """Per metric the spread of its values over the repeats, one mapping of metrics for each.

    Repeats without a value have no part in it; fewer than two values have no spread.
    """
    names = dict.fromkeys(name for metrics in repeats for name in metrics)
    return {name: _noise([metrics[name].value for metrics in repeats]) for name in names}


def _noise(values: Sequence[float | None]) -> RepeatNoise:
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return RepeatNoise(None, None, len(known))
    return RepeatNoise(stdev(known), max(known) - min(known), len(known))
