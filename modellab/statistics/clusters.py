"""Questions about one document are not independent: the spread between documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modellab.statistics.additive import by_cluster

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from modellab.statistics.additive import Array
    from modellab.statistics.contributions import Contributions


@dataclass(frozen=True)
class Spread:
    """The standard error from the differences between clusters, with its degrees of freedom.

    Arrays of one shape. `units` are the clusters that the component is about; with fewer than two
    of them there is no spread (an error that is not a number).
    """

    error: Array
    freedom: Array
    units: NDArray[np.int_]

    def reach(self, confidence: float) -> Array:
        """How far the ends of the t interval are."""
        import numpy as np
        from scipy.stats import t

        return np.asarray(t.isf((1 - confidence) / 2, self.freedom) * self.error)

    def p_values(self, differences: Array) -> Array:
        import numpy as np
        from scipy.stats import t

        with np.errstate(divide="ignore", invalid="ignore"):
            steps = np.where(differences == 0, 0.0, np.abs(differences) / self.error)
        return np.asarray(2 * t.sf(steps, self.freedom))


def spread_of(found: Contributions, clusters: NDArray[np.int_]) -> Spread:
    """Of each system's component (systems,)."""
    return _spread(by_cluster(found.influences, clusters), by_cluster(found.weights, clusters))


def spread_of_pairs(
    found: Contributions, clusters: NDArray[np.int_], pairs: Sequence[tuple[int, int]]
) -> Spread:
    """Of each pair's difference (pairs,)."""
    import numpy as np

    first, second = np.array(pairs).T
    moved = by_cluster(found.influences, clusters)
    weights = by_cluster(found.weights, clusters)
    return _spread(moved[first] - moved[second], np.maximum(weights[first], weights[second]))


def _spread(moved: Array, weights: Array) -> Spread:
    """Linearised, with G / (G - 1); a few large clusters have the freedom of as many equal ones."""
    import numpy as np

    units = (weights > 0).sum(axis=1)
    known = units > 1
    share = weights**2
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = share.sum(axis=1) ** 2 / (share**2).sum(axis=1) - 1
        error = np.sqrt((moved**2).sum(axis=1) * units / (units - 1))
    freedom = np.where(known, np.maximum(freedom, 1e-3), np.nan)
    return Spread(np.where(known, error, np.nan), freedom, units)
