"""One model's scores over the answerable questions alone, with the intervals of statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modellab.core.records import NO_ANSWER, Question, Status, Summary
from modellab.evaluation.compare.score_files import ScoredModel
from modellab.evaluation.statistics.comparing import Level, tested
from modellab.evaluation.statistics.contributions import Contributions, contributions
from modellab.evaluation.statistics.estimates import intervals
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.evaluation.statistics.systems import Systems, add_up
from modellab.tasks.additive import Additive, Row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Answers:
    """What a model scored with one retriever where there is something to be found.

    By component: `values`, and `n_scored` rows that it is about. `n_failed` rows have no answer;
    `asked` are the ids of the questions. `systems` are all retrievers of the model on answerable
    questions (None: nothing is known of the rows), this one is at `place`. A component that is no
    sum over rows has no interval.
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
        import numpy as np

        if self.systems is None:
            return None
        if component not in self.systems.additive.combine(self.systems.sums[0]):
            return None
        if less is None:
            found, part = _on_shared(self.systems, component, [self.place])
            (one,) = intervals(found, part.clusters, self.confidence)
            return None if one.low is None or one.high is None else (one.low, one.high)
        found, part = _on_shared(self.systems, component, [self.place, less.place])
        pair = tested(found, [(0, 1)], part.clusters, Level(self.confidence, 0.05))
        low, high = float(pair.lows[0]), float(pair.highs[0])
        return None if np.isnan(low) or np.isnan(high) else (low, high)


def _on_shared(
    systems: Systems, component: str, places: list[int]
) -> tuple[Contributions, Systems]:
    import numpy as np

    shared: NDArray[np.bool_] = np.asarray(systems.present[places].all(axis=0))
    part = systems.only(places, shared)
    return contributions(part.additive, component, part.sums, part.unanswerable), part


def answers_of(
    model: ScoredModel,
    questions: Sequence[Question],
    additive: Additive,
    options: StatisticsOptions,
) -> dict[str, Answers]:
    """By retriever."""
    import numpy as np

    answerable = {question.id: question for question in questions if not question.unanswerable}
    whole = add_up([model], questions, additive, options.cluster)
    systems = whole.only(range(len(whole.entries)), np.asarray(~whole.unanswerable))
    inner = model.scores.missing == "ignore"
    found = {}
    for place, summary in enumerate(model.scores.summaries):
        rows = [
            row
            for row in model.rows
            if row["retriever"] == summary.retriever
            and row["question_id"] in answerable
            and not (inner and row["status"] == Status.MISSING)
        ]
        if rows:
            parts = [additive.parts(answerable[row["question_id"]], row) for row in rows]
            found[summary.retriever] = _answers(summary, rows, parts, systems, place, options)
    return found


def _answers(
    summary: Summary,
    rows: Sequence[Row],
    parts: Sequence[Sequence[float]],
    systems: Systems,
    place: int,
    options: StatisticsOptions,
) -> Answers:
    import numpy as np

    alone = np.array(parts)
    by_row = systems.additive.combine(alone)
    whole = systems.additive.combine(alone.sum(axis=0))
    # what is no sum over rows (BLEU of all texts together) is over the answerable ones already
    rest = {name: one for name, one in summary.metrics.items() if name not in whole}
    return Answers(
        values={
            **{name: None if np.isnan(value) else float(value) for name, value in whole.items()},
            **{name: metric.value for name, metric in rest.items()},
        },
        n_scored={
            **{name: int((~np.isnan(values)).sum()) for name, values in by_row.items()},
            **{name: metric.n_scored for name, metric in rest.items()},
        },
        n_failed=sum(row["status"] in NO_ANSWER for row in rows),
        asked=frozenset(row["question_id"] for row in rows),
        repeats=max(int(row["repeat"]) for row in rows),
        confidence=options.confidence,
        systems=systems,
        place=place,
    )
