"""How far systems give the same labels, whether right or wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

from modellab.core.intervals.jackknife import jackknife_ends
from modellab.core.intervals.means import Ends, share_ends
from modellab.core.records import Question
from modellab.evaluation.labels.answers import LabelSystem, has_text

COLUMNS = ("metric", "system_a", "system_b", "value", "low", "high", "n_scored", "n_failed")
#: how likely an interval holds the true agreement
CONFIDENCE = 0.95
Row = dict[str, object]
Labels = Mapping[str, str]


def agreement_rows(
    labels: Sequence[str], questions: Sequence[Question], systems: Sequence[LabelSystem]
) -> list[Row]:
    """One row for each measure of all systems together, and of each pair; first repeats count.

    Ensembles are no part of all together: they would agree with their members by making.

    `n_scored` is how many texts are compared, `n_failed` how many are not, because a system
    gave them no readable label. Texts that are missing are in neither.
    """
    asked = [question.id for question in questions if has_text(question)]
    given = {system.name: system.labels() for system in systems}
    own = [given[system.name] for system in systems if system.votes]
    rows = [] if len(own) < 2 else _all_rows(labels, asked, own)
    truth = {q.id: q.truth["label"] for q in questions if has_text(q) and q.truth.get("label")}
    for name, found in given.items() if truth else ():
        rows.append(_truth_row(labels, truth, name, found))
    for one, other in combinations(given, 2):
        rows += _pair_rows(labels, asked, (one, given[one]), (other, given[other]))
    return rows


def _all_rows(labels: Sequence[str], asked: Sequence[str], given: Sequence[Labels]) -> list[Row]:
    """The share of texts with one label from all, and Fleiss' kappa over the same texts."""
    complete = [name for name in asked if all(name in found for found in given)]
    votes = [[found[name] for found in given] for name in complete]
    same = sum(len(set(row)) == 1 for row in votes)
    failed = len(asked) - len(complete)
    return [
        _share("agreement_rate", ("", ""), same, len(votes), failed),
        _kappa(
            *("fleiss_kappa", ("", ""), complete, failed),
            lambda items: fleiss_kappa(labels, [votes[item] for item in items]),
        ),
    ]


def _pair_rows(
    labels: Sequence[str],
    asked: Sequence[str],
    one: tuple[str, Labels],
    other: tuple[str, Labels],
) -> list[Row]:
    both = [name for name in asked if name in one[1] and name in other[1]]
    first, second = ([found[name] for name in both] for _, found in (one, other))
    same = sum(a == b for a, b in zip(first, second, strict=True))
    names, failed = (one[0], other[0]), len(asked) - len(both)
    return [
        _share("pairwise_agreement", names, same, len(both), failed),
        _kappa(
            *("cohen_kappa", names, both, failed),
            lambda items: cohen_kappa(
                labels, [first[i] for i in items], [second[i] for i in items]
            ),
        ),
    ]


def _truth_row(labels: Sequence[str], truth: Labels, name: str, found: Labels) -> Row:
    """Agreement of a system with the true labels beyond chance."""
    both = [text for text in truth if text in found]
    return _kappa(
        *("truth_kappa", (name, ""), both, len(truth) - len(both)),
        lambda items: cohen_kappa(
            labels, [truth[both[i]] for i in items], [found[both[i]] for i in items]
        ),
    )


def cohen_kappa(labels: Sequence[str], one: Sequence[str], other: Sequence[str]) -> float | None:
    """Agreement of two beyond chance (Cohen 1960), from -1 to 1.

    None without texts, and where both give one and the same label to all: chance agrees too.
    """
    from sklearn.metrics import cohen_kappa_score

    if not one or len({*one, *other}) == 1:
        return None
    return _number(cohen_kappa_score(one, other, labels=list(labels)))


def fleiss_kappa(labels: Sequence[str], votes: Sequence[Sequence[str]]) -> float | None:
    """Agreement of all beyond chance (Fleiss 1971); `votes` has a row per text.

    None without texts, and where only one label is given at all.
    """
    from statsmodels.stats.inter_rater import fleiss_kappa as kappa

    if not votes or len({vote for row in votes for vote in row}) == 1:
        return None
    return _number(kappa([[row.count(label) for label in labels] for row in votes]))


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _share(metric: str, systems: tuple[str, str], same: int, count: int, failed: int) -> Row:
    """With its score interval; each text is a unit."""
    ends = share_ends(same, count, CONFIDENCE)
    return _row(metric, systems, same / count if count else None, ends, count, failed)


def _kappa(
    metric: str,
    systems: tuple[str, str],
    texts: Sequence[str],
    failed: int,
    statistic: Callable[[Sequence[int]], float | None],
) -> Row:
    """With its interval: a jackknife over texts."""
    ends = jackknife_ends(texts, statistic, (-1.0, 1.0), CONFIDENCE)
    value = statistic(range(len(texts)))
    return _row(metric, systems, value, ends, len(texts), failed)


def _row(
    metric: str,
    systems: tuple[str, str],
    value: float | None,
    ends: Ends | None,
    scored: int,
    failed: int,
) -> Row:
    low, high = ends or (None, None)
    return dict(zip(COLUMNS, (metric, *systems, value, low, high, scored, failed), strict=True))
