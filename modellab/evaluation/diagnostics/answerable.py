"""One model's scores over the answerable questions alone, with the intervals of statistics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modellab.core.records import NO_ANSWER
from modellab.evaluation.frame import Scores
from modellab.evaluation.statistics.comparing import Level, tested
from modellab.evaluation.statistics.contributions import Contributions, contributions
from modellab.evaluation.statistics.estimates import intervals
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.evaluation.statistics.systems import Systems, counted_rows, gather
from modellab.tasks.additive import Additive


@dataclass(frozen=True)
class Answers:
    """What a model scored with one retriever where there is something to be found.

    By component: `values`, and `n_scored` rows that it is about. `n_failed` rows have no answer;
    `asked` are the ids of the questions. `systems` are all systems on answerable questions (None:
    nothing is known of the rows), this one is at `place`. A component that is no sum over rows has
    no interval.
    """

    values: Mapping[str, float | None]
    n_scored: Mapping[str, int]
    n_failed: int
    asked: frozenset[str]
    repeats: int
    confidence: float
    systems: Systems | None = None
    place: int = 0

    def value(self, component: str) -> float | None:
        return self.values.get(component)

    def interval(self, component: str, less: Answers | None = None) -> tuple[float, float] | None:
        """Of the component, or of its paired difference to another retriever's; None: no value."""
        if self.systems is None:
            return None
        if component not in self.systems.additive.combine(self.systems.sums[0]):
            return None
        if less is None:
            found, part = _on_shared(self.systems, component, [self.place])
            one = intervals(found, part.clusters, self.confidence).iloc[0]
            low, high = float(one["low"]), float(one["high"])
        else:
            found, part = _on_shared(self.systems, component, [self.place, less.place])
            pair = tested(found, [(0, 1)], part.clusters, Level(self.confidence, 0.05))
            low, high = float(pair.lows[0]), float(pair.highs[0])
        return None if np.isnan(low) or np.isnan(high) else (low, high)


def _on_shared(
    systems: Systems, component: str, places: list[int]
) -> tuple[Contributions, Systems]:
    shared: NDArray[np.bool_] = np.asarray(systems.present[places].all(axis=0))
    part = systems.only(places, shared)
    return contributions(part.additive, component, part.sums, part.unanswerable), part


def answers_of(
    scores: Scores, additive: Additive, options: StatisticsOptions
) -> dict[str, dict[str, Answers]]:
    """By model and retriever, of the systems that have a row of an answerable question."""
    counted = counted_rows(scores, additive)
    whole = gather(scores, counted, additive, options.cluster)
    answerable = ~whole.unanswerable
    systems = whole.only(range(len(whole.entries)), answerable)
    found: dict[str, dict[str, Answers]] = {model.name: {} for model in scores.models}
    for place, entry in enumerate(scores.entries):
        own = (counted.systems == place) & answerable[counted.questions]
        if not own.any():
            continue
        rows, parts = scores.counted[own], counted.parts[own]
        by_row = additive.combine(parts)
        sums = additive.combine(parts.sum(axis=0))
        # what is no sum over rows (BLEU of all texts together) is over the answerable ones already
        rest = {name: one for name, one in entry.summary.metrics.items() if name not in sums}
        found[entry.model.name][entry.summary.retriever] = Answers(
            values={
                **{name: None if np.isnan(value) else float(value) for name, value in sums.items()},
                **{name: metric.value for name, metric in rest.items()},
            },
            n_scored={
                **{name: int((~np.isnan(values)).sum()) for name, values in by_row.items()},
                **{name: metric.n_scored for name, metric in rest.items()},
            },
            n_failed=int(rows["status"].isin(NO_ANSWER).sum()),
            asked=frozenset(rows["question_id"]),
            repeats=int(rows["repeat"].max()),
            confidence=options.confidence,
            systems=systems,
            place=place,
        )
    return found
