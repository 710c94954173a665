"""Ranks, the ranks that the paired tests leave open, and who may be the best."""

from __future__ import annotations

from collections.abc import Set

import numpy as np
import pandas as pd

from modellab.core.metric import Better
from modellab.evaluation.statistics.systems import SystemArrays


def rank_all(
    component: str,
    systems: SystemArrays,
    pairs: pd.DataFrame,
    best: Set[str] | None,
    way: Better,
    overall: bool = False,
    by_document: Set[str] | None = None,
) -> pd.DataFrame:
    """One row per system: a contender's place in one component; a control has none.

    Nor has a system that was beaten early: its score is of fewer questions. In the `overall` score
    it is known not to be the best.

    `rank_low` and `rank_high` are the places that the tests leave open: behind all that are
    significantly better, before all that are significantly worse (Mogstad, Romano, Shaikh and
    Wilhelm 2024), on the questions that each pair shares; what may not be the best is at most
    second. `may_be_best` says whether it is among `best`, the model confidence set; missing where
    there is no set (a control, a component without direction, no value). The set is of the
    `shared_questions` that all contenders have.
    `may_be_best_by_document` says the same of the set `by_document`, for which only questions about
    different documents are independent.
    `not_distinguishable_from` names, with `;` between, the contenders that it is statistically
    tied with.
    """
    names = [entry.name for entry in systems.entries]
    place = {name: index for index, name in enumerate(names)}
    sign = -1.0 if way is Better.LOWER else 1.0
    scores = np.array(
        [np.nan if (s := entry.score(component)) is None else sign * s for entry in systems.entries]
    )
    known = ~np.isnan(scores) & [entry.ranked for entry in systems.entries]
    among = pd.Series(np.where(known, scores, np.nan))
    rank = among.rank(method="min", ascending=False).astype("Int64")

    ahead, tied = (np.zeros((len(names), len(names)), dtype=bool) for _ in range(2))
    for found, wanted in ((ahead, True), (tied, False)):
        some = pairs[pairs["distinguishable"].eq(wanted).fillna(False)]
        a, b = some["system_a"].map(place), some["system_b"].map(place)
        first = sign * some["difference"] > 0
        found[a[first], b[first]] = found[b[~first], a[~first]] = True
    tied |= tied.T
    better, worse = ahead[known].sum(axis=0), ahead[:, known].sum(axis=1)
    inside, inside_by_document = (
        pd.Series([name in (found or ()) for name in names], dtype="boolean")
        for found in (best, by_document)
    )
    beaten = ~np.isnan(scores) & [not e.control and e.beaten for e in systems.entries]
    in_contest = (known | (beaten & overall)) & (best is not None)
    may_be_best = inside.where(in_contest)
    # a system that is not the best is at most second
    first = np.maximum(1 + better, np.where(may_be_best.eq(False).fillna(False), 2, 1))
    return pd.DataFrame(
        {
            "system": names,
            "component": component,
            "rank": rank,
            "rank_low": (rank * 0 + first).astype("Int64"),
            "rank_high": (rank * 0 + int(known.sum()) - worse).astype("Int64"),
            "may_be_best": may_be_best,
            "shared_questions": pd.Series(
                int(systems.present[known].all(axis=0).sum()), range(len(names)), dtype="Int64"
            ).where(in_contest),
            "may_be_best_by_document": inside_by_document.where(
                in_contest & (by_document is not None)
            ),
            "not_distinguishable_from": [
                ";".join(name for name, yes in zip(names, row, strict=True) if yes) for row in tied
            ],
            "better": way.value,
        }
    )
