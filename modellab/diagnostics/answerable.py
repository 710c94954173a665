"""One model's scores over the answerable questions alone, and over resamples of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modellab.compare.score_files import ScoredModel
from modellab.records import NO_ANSWER, Question, Status, Summary
from modellab.statistics.additive import ROUNDING, Additive, Row
from modellab.statistics.bootstrap import draws
from modellab.statistics.options import StatisticsOptions
from modellab.statistics.units import unit_of

if TYPE_CHECKING:
    from modellab.statistics.additive import Array


@dataclass(frozen=True)
class Answers:
    """What a model scored with one retriever where there is something to be found.

    By component: `values`, `n_scored` rows that it is about, and `replicates` (resamples,), its
    values in paired resamples of the questions; a component that is no sum over rows has none.
    `n_failed` rows have no answer; `asked` are the ids of the questions.
    """

    values: Mapping[str, float | None]
    n_scored: Mapping[str, int]
    replicates: Mapping[str, Array]
    n_failed: int
    asked: frozenset[str]
    repeats: int
    confidence: float

    def value(self, component: str) -> float | None:
        return self.values.get(component)

    def interval(self, component: str, less: Answers | None = None) -> tuple[float, float] | None:
        """The middle `confidence` of the resamples, or of the paired differences to another's.

        None where there are no resamples, and where they are all alike: that is no certainty.
        """
        import numpy as np

        drawn = self.replicates.get(component)
        if drawn is not None and less is not None:
            other = less.replicates.get(component)
            drawn = None if other is None else drawn - other
        if drawn is None:
            return None
        known = drawn[~np.isnan(drawn)]
        if not len(known) or float(np.ptp(known)) <= ROUNDING:
            return None
        low, high = np.quantile(known, [(1 - self.confidence) / 2, (1 + self.confidence) / 2])
        return float(low), float(high)


def answers_of(
    model: ScoredModel,
    questions: Sequence[Question],
    additive: Additive,
    options: StatisticsOptions,
    seed: int,
) -> dict[str, Answers]:
    """By retriever; the same questions are drawn for all of them."""
    answerable = {question.id: question for question in questions if not question.unanswerable}
    units = {name: unit_of(question, options.cluster) for name, question in answerable.items()}
    places = {unit: place for place, unit in enumerate(dict.fromkeys(units.values()))}
    inner = model.scores.join == "inner"
    found = {}
    for summary in model.scores.summaries:
        rows = [
            row
            for row in model.rows
            if row["retriever"] == summary.retriever
            and row["question_id"] in answerable
            and not (inner and row["status"] == Status.MISSING)
        ]
        if rows:
            parts = [additive.parts(answerable[row["question_id"]], row) for row in rows]
            where = [places[units[row["question_id"]]] for row in rows]
            found[summary.retriever] = _answers(
                summary, rows, parts, where, len(places), additive, options, seed
            )
    return found


def _answers(
    summary: Summary,
    rows: Sequence[Row],
    parts: Sequence[Sequence[float]],
    where: Sequence[int],
    units: int,
    additive: Additive,
    options: StatisticsOptions,
    seed: int,
) -> Answers:
    import numpy as np

    alone = np.array(parts)
    sums = np.zeros((units, alone.shape[1]))
    np.add.at(sums, list(where), alone)
    by_row, whole = additive.combine(alone), additive.combine(sums.sum(axis=0))
    blocks = [additive.combine(drawn @ sums) for drawn in draws(units, options.resamples, seed)]
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
        replicates={name: np.concatenate([block[name] for block in blocks]) for name in whole},
        n_failed=sum(row["status"] in NO_ANSWER for row in rows),
        asked=frozenset(row["question_id"] for row in rows),
        repeats=max(int(row["repeat"]) for row in rows),
        confidence=options.confidence,
    )
