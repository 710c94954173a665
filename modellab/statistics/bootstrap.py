"""Resamples of the units, the same for all systems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from modellab.statistics.units import Systems

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modellab.statistics.additive import Array

#: numbers in one block of drawn counts, which bounds the memory (8 bytes each)
_BLOCK = 10_000_000


def resampled(systems: Systems, resamples: int, seed: int) -> Mapping[str, Array]:
    """By component an array (resamples, systems): its value in each resample of the units.

    Units are drawn with replacement, as many as there are. The same units are drawn for all
    systems, so that differences between them are paired.
    """
    import numpy as np

    blocks = [
        systems.additive.combine(_sums(counts, systems.sums))
        for counts in draws(len(systems.units), resamples, seed)
    ]
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def draws(units: int, resamples: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """How often each unit is drawn: blocks of shape (some resamples, units)."""
    import numpy as np

    rng = np.random.default_rng(seed)
    size = max(1, _BLOCK // units)
    even = np.full(units, 1 / units)
    for start in range(0, resamples, size):
        yield rng.multinomial(units, even, size=min(size, resamples - start)).astype(float)


def _sums(counts: Array, sums: Array) -> Array:
    """(resamples, units) and (systems, units, parts) to (resamples, systems, parts)."""
    import numpy as np

    systems, units, parts = sums.shape
    flat = np.ascontiguousarray(sums.transpose(1, 0, 2)).reshape(units, systems * parts)
    whole: Array = (counts @ flat).reshape(len(counts), systems, parts)
    return whole
