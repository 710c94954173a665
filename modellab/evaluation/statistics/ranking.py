"""Ranks, the ranks that the paired tests leave open, and who may be the best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from modellab.core.metric import Better
from modellab.evaluation.compare.entries import ranks
from modellab.evaluation.statistics.comparing import Comparison
from modellab.evaluation.statistics.systems import Systems


@dataclass(frozen=True)
class Rank:
    """A contender's place in one component; a control has none.

    `rank_low` and `rank_high` are the places that the tests leave open: behind all that are
    distinguishably better, before all that are distinguishably worse (Mogstad, Romano, Shaikh and
    Wilhelm 2024). `may_be_best` says whether it is in the model confidence set; None where there is
    no set (a control, a component without direction, no value). `not_distinguishable_from` names,
    with `;` between, the contenders that the tests cannot tell it from.
    """

    system: str
    component: str
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    may_be_best: bool | None
    not_distinguishable_from: str
    better: str


def rank_all(
    component: str,
    systems: Systems,
    pairs: Sequence[Comparison],
    best: Set[str] | None,
    way: Better,
) -> list[Rank]:
    """One row per system; `best` names those that may be the best. The best has rank 1."""
    controls = {entry.name for entry in systems.entries if entry.control}
    scores = {entry.name: _signed(entry.score(component), way) for entry in systems.entries}
    places = ranks([None if name in controls else score for name, score in scores.items()])
    known = {name for name, place in zip(scores, places, strict=True) if place is not None}
    others: dict[str, list[tuple[str, Comparison]]] = {name: [] for name in scores}
    for pair in pairs:
        others[pair.system_a].append((pair.system_b, pair))
        others[pair.system_b].append((pair.system_a, pair))
    rows = []
    for name, place in zip(scores, places, strict=True):
        clear = [other for other, pair in others[name] if pair.distinguishable and other in known]
        better = sum((scores[other] or 0.0) > (scores[name] or 0.0) for other in clear)
        rows.append(
            Rank(
                system=name,
                component=component,
                rank=place,
                rank_low=1 + better if place else None,
                rank_high=len(known) - (len(clear) - better) if place else None,
                may_be_best=name in best if best is not None and place else None,
                not_distinguishable_from=";".join(_equals(others[name])),
                better=way.value,
            )
        )
    return rows


def _equals(others: Sequence[tuple[str, Comparison]]) -> Iterator[str]:
    return (name for name, pair in others if pair.distinguishable is False)


def _signed(score: float | None, way: Better) -> float | None:
    return -score if score is not None and way is Better.LOWER else score
