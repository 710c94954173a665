"""From readings and targets to statuses, and to one for the whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from modellab.evaluation.targets.options import Target, TargetsOptions
from modellab.evaluation.targets.readings import Measured, Reading
from modellab.evaluation.targets.sources import about_answers


class State(StrEnum):
    """How a metric, or the whole, is."""

    GOOD = "good"
    ATTENTION = "attention"
    CRITICAL = "critical"
    INSUFFICIENT = "insufficient data"


@dataclass(frozen=True)
class Rating:
    """A reading beside its target. `counts` says whether the whole depends on it.

    `reading` is None where no table of the dataset has the metric; `reason` says what is
    insufficient.
    """

    target: Target
    reading: Reading | None
    state: State
    counts: bool
    reason: str = ""

    @property
    def of_answers(self) -> bool:
        """Whether it says how good answers are, not how fast, or how good a part is."""
        return about_answers(self.target.metric)


def rate(options: TargetsOptions, dataset: str, measured: Measured) -> list[Rating]:
    """All ratings in the order of the targets: those of answers, then the others.

    Of each target those that count come first. Nothing is rated that the config does not name.
    Controls are rated only where a target names their retriever, or a model that is nothing
    else, or where there are no contenders.
    """
    ratings: list[Rating] = []
    for target in options.metrics or ():
        if target.datasets is not None and dataset not in target.datasets:
            continue
        found = _judged([r for r in measured.readings if _fits(target, r, measured)])
        if not found:
            reason = "no table of this dataset has it"
            ratings.append(Rating(target, None, State.INSUFFICIENT, True, reason))
        ratings += _rated(options, target, found, measured.systems)
    return sorted(ratings, key=lambda rating: not rating.of_answers)


def overall(options: TargetsOptions, ratings: Sequence[Rating]) -> State | None:
    """The worst of what counts: critical, attention, insufficient data, good, in this order.

    None where nothing is rated. Where no metric of the answers is, the whole is not good.
    """
    if not ratings:
        return None
    states = [rating.state for rating in ratings if rating.counts]
    short = sum(state in (State.ATTENTION, State.CRITICAL) for state in states)
    together = options.critical_from is not None and short >= options.critical_from
    if State.CRITICAL in states or together:
        return State.CRITICAL
    if short:
        return State.ATTENTION
    unsure = State.INSUFFICIENT in states or not answers_rated(ratings)
    return State.INSUFFICIENT if unsure else State.GOOD


def answers_rated(ratings: Sequence[Rating]) -> bool:
    """Whether the whole rests on the answers at all."""
    return any(rating.counts and rating.of_answers for rating in ratings)


def _fits(target: Target, reading: Reading, measured: Measured) -> bool:
    """Whether a target is about a reading."""
    if reading.metric != target.metric:
        return False
    if target.retrievers is None and measured.is_apart(reading, target.models):
        return False
    of = (
        (target.models, reading.model),
        (target.retrievers, reading.retriever),
        (target.judges, reading.judge),
        (target.embedders, reading.embedder),
    )
    if any(names is not None and name not in names for names, name in of):
        return False
    exact = (
        (target.judge_kind, reading.kind),
        (target.level, reading.level),
        (target.texts, reading.texts),
    )
    return all(wanted is None or wanted == found for wanted, found in exact)


def _judged(readings: list[Reading]) -> list[Reading]:
    """Without the level, chunks or documents, that no question names, where they name the other."""
    levels = {reading.level for reading in readings if reading.n_scored}
    return [r for r in readings if r.level in levels] if levels else readings


def _rated(
    options: TargetsOptions,
    target: Target,
    readings: Sequence[Reading],
    systems: Sequence[tuple[str, str]],
) -> list[Rating]:
    """Of each instrument the leader's reading counts, or all of them."""
    place = _places(systems)
    groups: dict[tuple[str, ...], list[Reading]] = {}
    for reading in sorted(readings, key=place):
        groups.setdefault(reading.instrument, []).append(reading)
    ratings = [
        _rating(options, target, reading, counts=options.of == "every" or number == 0)
        for group in groups.values()
        for number, reading in enumerate(group)
    ]
    return sorted(ratings, key=lambda rating: not rating.counts)


def _places(systems: Sequence[tuple[str, str]]) -> Callable[[Reading], int]:
    """How far from the best system a reading is: that of its model, its retriever, or both."""

    def place(reading: Reading) -> int:
        for number, (model, retriever) in enumerate(systems):
            if reading.is_about(model, retriever):
                return number
        return len(systems)

    return place


def _rating(options: TargetsOptions, target: Target, reading: Reading, counts: bool) -> Rating:
    if reading.value is None:
        reason = "it has no value"
        return Rating(target, reading, State.INSUFFICIENT, counts, reason)
    if reading.coverage < options.min_coverage:
        reason = f"it tells of {reading.coverage:.1%} of the rows, less than min_coverage"
        return Rating(target, reading, State.INSUFFICIENT, counts, reason)
    return Rating(target, reading, _state(target, reading.value), counts)


def _state(target: Target, value: float) -> State:
    if target.reaches(value, target.good):
        return State.GOOD
    if target.attention is None or target.reaches(value, target.attention):
        return State.ATTENTION
    return State.CRITICAL
