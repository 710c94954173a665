"""How far systems agree on labels, and with the true ones.

Kappas are computed from counts, for all parts of a jackknife at once: a library's function per part
takes minutes for dozens of systems.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modellab.core.intervals.means import ends_of_parts, jackknife_groups, share_ends

AGREEMENT_COLUMNS = (
    *("metric", "system_a", "system_b", "value", "low", "high", "n_scored", "n_failed"),
)
#: of the intervals
CONFIDENCE = 0.95

Array = NDArray[Any]


def agreement_table(
    given: pd.DataFrame, voting: Sequence[str], truth: pd.Series[str]
) -> pd.DataFrame:
    """Agreement of all voting systems, of each system with the true labels, and of each pair.

    Args:
        given: (texts, systems): the labels; None where none could be read.
        voting: The systems of the rows about all together: ensembles would agree with their
            members by construction.
        truth: The true labels of the texts that have one.

    Returns:
        `n_scored` texts are compared, `n_failed` are not, because a system gave them no label.
        Shares have a score interval, kappas that of a jackknife over texts.
    """
    labels = pd.Index(sorted({*given.stack().dropna(), *truth}))
    codes = {str(name): labels.get_indexer(pd.Index(given[name])) for name in given}
    of_texts = given.index.get_indexer(truth.index)
    true = labels.get_indexer(pd.Index(truth))
    found = []
    if len(voting) > 1:
        votes = np.stack([codes[name] for name in voting], axis=1)
        found += _rows(("agreement_rate", "fleiss_kappa"), ("", ""), votes, len(labels))
    for name in codes if len(truth) else ():
        votes = np.stack([codes[name][of_texts], true], axis=1)
        found.append(_rows(("", "truth_kappa"), (name, ""), votes, len(labels))[1])
    for pair in combinations(codes, 2):
        votes = np.stack([codes[name] for name in pair], axis=1)
        found += _rows(("pairwise_agreement", "cohen_kappa"), pair, votes, len(labels))
    return pd.DataFrame(found, columns=list(AGREEMENT_COLUMNS))


def cohen_kappa(one: Sequence[str], other: Sequence[str]) -> float | None:
    """Agreement of two beyond chance (Cohen 1960), from -1 to 1.

    None without texts, and where both give one and the same label to all: chance agrees too.
    """
    codes, labels = pd.factorize(np.array([*one, *other], dtype=object))
    whole = _confusions(codes.reshape(2, -1).T, np.zeros(len(one), dtype=int), len(labels))
    return _known(_cohen(whole))[0]


def _rows(
    metrics: tuple[str, str], systems: tuple[str, str], votes: Array, labels: int
) -> list[tuple[object, ...]]:
    """The share of texts with one label from all, and a kappa over the same texts.

    `votes` is (texts, systems): numbers of labels, -1 where none could be read.
    """
    read = votes[(votes >= 0).all(axis=1)]
    count = len(read)
    counts = (count, len(votes) - count)
    share = value = None
    of_share: tuple[float | None, float | None] = (None, None)
    of_kappa = of_share
    if count:
        same = int((read == read[:, :1]).all(axis=1).sum())
        share = same / count
        of_share = share_ends(same, count, CONFIDENCE) or of_share
        groups = np.array(jackknife_groups(count))
        kappas = _known(_kappas(metrics[1], read, groups, labels))
        value, parts = kappas[0], kappas[1:]
        if value is not None:
            of_kappa = ends_of_parts(value, parts, (-1.0, 1.0), CONFIDENCE) or of_kappa
    return [
        (metrics[0], *systems, share, *of_share, *counts),
        (metrics[1], *systems, value, *of_kappa, *counts),
    ]


def _kappas(metric: str, votes: Array, groups: Array, labels: int) -> Array:
    """The kappa of all texts, then without each group; NaN where chance agrees as well."""
    if metric != "fleiss_kappa":
        parts = _confusions(votes, groups, labels)
        return _cohen(_whole_and_without(parts))
    per_text = (votes[:, :, None] == np.arange(labels)).sum(axis=1)
    grouped = np.eye(groups.max() + 1, dtype=int)[groups]
    raters = votes.shape[1]
    agreeing = ((per_text**2).sum(axis=1) - raters) / (raters * (raters - 1))
    observed = _whole_and_without(grouped.T @ agreeing)
    texts = _whole_and_without(grouped.sum(axis=0))
    given = _whole_and_without(grouped.T @ per_text)
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = ((given / given.sum(axis=1, keepdims=True)) ** 2).sum(axis=1)
        found: Array = (observed / texts - chance) / (1 - chance)
    return found


def _confusions(votes: Array, groups: Array, labels: int) -> Array:
    """(groups, labels, labels): how often one system gave the first label, the other the second."""
    cells = (groups * labels + votes[:, 0]) * labels + votes[:, 1]
    count = int(groups.max(initial=0)) + 1
    return np.bincount(cells, minlength=count * labels**2).reshape(count, labels, labels)


def _whole_and_without(parts: Array) -> Array:
    whole = parts.sum(axis=0)
    return np.concatenate([whole[None], whole - parts])


def _cohen(confusions: Array) -> Array:
    """Kappa of each confusion matrix (Cohen 1960); NaN where only one label is given."""
    first, second = confusions.sum(axis=2), confusions.sum(axis=1)
    texts = confusions.sum(axis=(1, 2))
    agreed = np.trace(confusions, axis1=1, axis2=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        by_chance = (first * second).sum(axis=1) / texts
        found: Array = 1 - (texts - agreed) / (texts - by_chance)
    return found


def _known(values: Array) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
