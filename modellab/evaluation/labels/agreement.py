"""How far systems give the same labels, whether right or wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import combinations

import pandas as pd

from modellab.core.intervals.means import jackknife_ends, share_ends

COLUMNS = ("metric", "system_a", "system_b", "value", "low", "high", "n_scored", "n_failed")
#: how likely an interval holds the true agreement
CONFIDENCE = 0.95
#: rows of labels, one for each text
Votes = Sequence[Sequence[str]]


def agreement_table(
    labels: Sequence[str], given: pd.DataFrame, voting: Sequence[str], truth: pd.Series[str]
) -> pd.DataFrame:
    """Rows of all voting systems together, of each system with the true labels, and of each pair.

    Args:
        labels: All labels of the task.
        given: (texts, systems): the label that each system gave first, missing where none.
        voting: The systems of the rows about all together: no ensembles, which would agree with
            their members by construction.
        truth: The true labels of the texts that have one.

    Returns:
        `n_scored` texts are compared, `n_failed` are not, because a system gave them no label.
    """
    found = []
    if len(voting) > 1:
        measures = ("agreement_rate", "fleiss_kappa")
        found += _measured(measures, ("", ""), labels, given[list(voting)], fleiss_kappa)
    for name in map(str, given) if len(truth) else ():
        both = pd.DataFrame({"given": given[name], "true": truth}).loc[truth.index]
        measures = ("", "truth_kappa")
        found.append(_measured(measures, (name, ""), labels, both, _cohen_of_rows)[1])
    for pair in combinations(map(str, given), 2):
        measures = ("pairwise_agreement", "cohen_kappa")
        found += _measured(measures, pair, labels, given[list(pair)], _cohen_of_rows)
    return pd.DataFrame(found, columns=list(COLUMNS))


def _measured(
    measures: tuple[str, str],
    systems: tuple[str, str],
    labels: Sequence[str],
    given: pd.DataFrame,
    statistic: Callable[[Sequence[str], Votes], float | None],
) -> list[tuple[object, ...]]:
    """The share of texts with one label from all, with its score interval; each text is a unit.

    And a kappa over the same texts, with the interval of a jackknife over texts.
    """
    votes = given.dropna()
    rows, count = votes.to_numpy().tolist(), len(votes)
    counts = (count, len(given) - count)
    same = int((votes.nunique(axis=1) == 1).sum())

    def kappa(places: Sequence[int]) -> float | None:
        return statistic(labels, [rows[place] for place in places])

    of_share = share_ends(same, count, CONFIDENCE) or (None, None)
    of_kappa = jackknife_ends(list(votes.index), kappa, (-1.0, 1.0), CONFIDENCE) or (None, None)
    share = same / count if count else None
    return [
        (measures[0], *systems, share, *of_share, *counts),
        (measures[1], *systems, kappa(range(count)), *of_kappa, *counts),
    ]


def _cohen_of_rows(labels: Sequence[str], votes: Votes) -> float | None:
    return cohen_kappa(labels, [row[0] for row in votes], [row[1] for row in votes])


def cohen_kappa(labels: Sequence[str], one: Sequence[str], other: Sequence[str]) -> float | None:
    """Agreement of two beyond chance (Cohen 1960), from -1 to 1.

    None without texts, and where both give one and the same label to all: chance agrees too.
    """
    from sklearn.metrics import cohen_kappa_score

    if not one or len({*one, *other}) == 1:
        return None
    return _number(cohen_kappa_score(one, other, labels=list(labels)))


def fleiss_kappa(labels: Sequence[str], votes: Votes) -> float | None:
    """Agreement of all beyond chance (Fleiss 1971); `votes` has a row per text.

    None without texts, and where only one label is given at all.
    """
    from statsmodels.stats.inter_rater import fleiss_kappa as kappa

    if not votes or len({vote for row in votes for vote in row}) == 1:
        return None
    return _number(kappa([[row.count(label) for label in labels] for row in map(list, votes)]))


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
