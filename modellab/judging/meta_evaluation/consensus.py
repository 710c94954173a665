"""Several judges as one, and what the ranking of models owes to each of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from modellab.judging.meta_evaluation.units import (
    Answer,
    Cells,
    Measure,
    Unit,
    by_judge,
    by_measure,
    mean,
)

CONSENSUS = (
    *("kind", "metric", "model", "retriever", "value", "judges", "weights", "method"),
    *("n_scored", "n_complete", "n_failed"),
)
RANKING = (
    *("kind", "metric", "dropped", "model", "retriever", "value", "rank", "rank_change"),
    *("kendall_tau", "n_scored", "n_failed"),
)
System = tuple[str, str]
#: weights by measure and judge
Weights = Mapping[tuple[Measure, str], float]


def weights_of(agreement: Sequence[Cells]) -> dict[tuple[Measure, str], float]:
    """A judge's weight by metric: its kappa with people's labels, at least 0.

    Where no judge of a metric agrees with people better than by chance, all count alike.
    """
    found: dict[tuple[Measure, str], float] = {}
    for row in agreement:
        value = row["kappa"]
        weight = max(0.0, value) if isinstance(value, float) else 0.0
        found[Measure(str(row["kind"]), str(row["metric"])), str(row["judge"])] = weight
    return found


def consensus_rows(units: Sequence[Unit], method: str, weights: Weights) -> list[Cells]:
    """By metric, model and retriever: the mean over answers of what the judges say together.

    Judges without a score for an answer are left out of it; `n_complete` counts the answers that
    all judges scored, `n_failed` those that none did.
    """
    rows: list[Cells] = []
    for measure, group in sorted(by_measure(units).items()):
        found = by_judge(group)
        shares = _shares(measure, list(found), weights)
        told = " ".join(f"{name}={share:.4g}" for name, share in sorted(shares.items()))
        for system, answers in sorted(_systems(group).items()):
            scores = [_together(found, answer, shares, method) for answer in answers]
            known = [score for score in scores if score is not None]
            row: Cells = {"kind": measure.kind, "metric": measure.metric, "method": method}
            row |= {"model": system[0], "retriever": system[1], "value": mean(known)}
            row |= {"judges": len(found), "weights": told, "n_scored": len(known)}
            row |= {"n_complete": _complete(found, answers), "n_failed": len(scores) - len(known)}
            rows.append(row)
    return rows


def ranking_rows(units: Sequence[Unit], controls: Collection[System] = frozenset()) -> list[Cells]:
    """By metric: the ranking of systems with all judges alike, and without each one of them.

    `controls` are reference points, which are not ranked.
    `rank_change` is the rank without the judge less the rank with all; `kendall_tau` compares
    the two rankings (1: the same).
    """
    rows: list[Cells] = []
    competing = [u for u in units if (u.answer.model, u.answer.retriever) not in controls]
    for measure, group in sorted(by_measure(competing).items()):
        found = by_judge(group)
        if len(found) < 2:
            continue
        systems = _systems(group)
        full = _means(found, systems)
        for dropped in ("", *sorted(found)):
            kept = {name: answers for name, answers in found.items() if name != dropped}
            rows += _ranking(measure, dropped, full, kept, systems)
    return rows


def _shares(measure: Measure, names: Sequence[str], weights: Weights) -> dict[str, float]:
    """Weights that add up to 1; a judge without labels to agree with counts nothing beside
    judges with a weight, and all count alike where none has one."""
    raw = {name: weights.get((measure, name), 0.0) for name in names}
    total = math.fsum(raw.values())
    if total == 0:
        return {name: 1 / len(names) for name in names}
    return {name: weight / total for name, weight in raw.items()}


def _systems(units: Sequence[Unit]) -> dict[System, list[Answer]]:
    found: dict[System, set[Answer]] = defaultdict(set)
    for unit in units:
        found[unit.answer.model, unit.answer.retriever].add(unit.answer)
    return {system: sorted(answers) for system, answers in found.items()}


def _together(
    found: Mapping[str, Mapping[Answer, Unit]],
    answer: Answer,
    shares: Mapping[str, float],
    method: str,
) -> float | None:
    scored = sorted(
        (unit.value, shares[name])
        for name, answers in found.items()
        if (unit := answers.get(answer)) and unit.value is not None and shares[name] > 0
    )
    total = math.fsum(share for _, share in scored)
    if not scored:
        return None
    if method == "mean":
        return math.fsum(value * share for value, share in scored) / total
    return _weighted_median(scored, total)


def _weighted_median(scored: Sequence[tuple[float, float]], total: float) -> float:
    """The score at which half of the weight is passed; between two where it is met exactly."""
    passed = 0.0
    for index, (value, share) in enumerate(scored):
        passed += share
        if abs(passed - total / 2) < 1e-12 and index + 1 < len(scored):
            return (value + scored[index + 1][0]) / 2
        if passed > total / 2:
            return value
    return scored[-1][0]


def _complete(found: Mapping[str, Mapping[Answer, Unit]], answers: Sequence[Answer]) -> int:
    return sum(
        all(a in units and units[a].value is not None for units in found.values()) for a in answers
    )


def _means(
    found: Mapping[str, Mapping[Answer, Unit]], systems: Mapping[System, Sequence[Answer]]
) -> dict[System, tuple[float | None, int, int]]:
    """Each system's mean with all judges alike, with its counts."""
    equal = dict.fromkeys(found, 1 / len(found))
    result = {}
    for system, answers in systems.items():
        scores = [_together(found, answer, equal, "mean") for answer in answers]
        known = [score for score in scores if score is not None]
        result[system] = (mean(known), len(known), len(scores) - len(known))
    return result


def _ranking(
    measure: Measure,
    dropped: str,
    full: Mapping[System, tuple[float | None, int, int]],
    kept: Mapping[str, Mapping[Answer, Unit]],
    systems: Mapping[System, Sequence[Answer]],
) -> list[Cells]:
    means = _means(kept, systems)
    before, after = _ranks(full), _ranks(means)
    tau = _kendall([(before[s], after[s]) for s in sorted(systems) if s in before and s in after])
    return [
        {
            "kind": measure.kind,
            "metric": measure.metric,
            "dropped": dropped,
            "model": system[0],
            "retriever": system[1],
            "value": means[system][0],
            "rank": after.get(system),
            "rank_change": _change(before, after, system),
            "kendall_tau": tau,
            "n_scored": means[system][1],
            "n_failed": means[system][2],
        }
        for system in sorted(systems, key=lambda s: (after.get(s, len(systems) + 1), s))
    ]


def _ranks(means: Mapping[System, tuple[float | None, int, int]]) -> dict[System, int]:
    """Competition ranks, best first; equal means share one."""
    known = {system: round(found[0], 12) for system, found in means.items() if found[0] is not None}
    return {s: 1 + sum(other > value for other in known.values()) for s, value in known.items()}


def _change(
    before: Mapping[System, int], after: Mapping[System, int], system: System
) -> int | None:
    return after[system] - before[system] if system in before and system in after else None


def _kendall(pairs: Sequence[tuple[int, int]]) -> float | None:
    from scipy.stats import kendalltau

    one, two = [a for a, _ in pairs], [b for _, b in pairs]
    if len(set(one)) < 2 or len(set(two)) < 2:
        return None
    return float(kendalltau(one, two).statistic)
