"""Whether synthetic questions rank systems as human ones do, and so can replace them.

Agreement is Kendall's tau-b of the overall scores of the contenders that answered both. Its
interval is that of a bootstrap that draws the questions of both datasets (documents, where
questions are clustered).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from modellab.core.io.frames import frame_of, write_frame
from modellab.core.layout import QUESTIONS, SUMMARY
from modellab.core.metric import Better
from modellab.evaluation.compare.entries import components_of
from modellab.evaluation.frame import Scores, read_dataset
from modellab.evaluation.metrics import better
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.evaluation.statistics.systems import SystemArrays, counted_rows, gather
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import ScorerOptions, additive_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

COLUMNS = (
    *("dataset", "systems", "kendall_tau", "low", "high", "confidence"),
    *("questions", "questions_there", "best", "best_there"),
)


@dataclass(frozen=True)
class RankedDataset:
    """The results of one dataset, and what its scores were made by."""

    folder: Path
    models: Sequence[str]
    task: TaskOptions
    scorer: ScorerOptions

    @cached_property
    def scores(self) -> Scores:
        summaries = [self.folder / SUMMARY.format(model=model) for model in self.models]
        rows = [path.with_suffix(".csv") for path in summaries]
        return read_dataset(self.folder / QUESTIONS, summaries, rows)


def write_synthetic_ranking(
    table: Path, datasets: Sequence[RankedDataset], options: StatisticsOptions, seed: int
) -> None:
    """Write a row for each dataset of people's questions; the same seed gives the same bytes.

    The first of the `datasets` is that of synthetic questions.
    """
    synthetic, *people = datasets
    rows = [
        {"dataset": other.folder.name, **agreement(synthetic, other, options, seed)}
        for other in people
    ]
    write_frame(table, frame_of(rows, COLUMNS))


def agreement(
    synthetic: RankedDataset, people: RankedDataset, options: StatisticsOptions, seed: int
) -> dict[str, object]:
    """The cells of a row. `kendall_tau` is from -1 (reversed) to 1 (the same ranking).

    It is None with fewer than two systems, and where all have one score; so are the bounds where
    most draws have no tau.
    """
    one, other = (_systems(ranked, options) for ranked in (synthetic, people))
    theirs = {entry.name for entry in other.entries if not entry.control}
    names = [e.name for e in one.entries if not e.control and e.name in theirs]
    draws = [
        _overall(systems, names, options.resamples, np.random.default_rng([seed, number]))
        for number, systems in enumerate((one, other))
    ]
    taus = [_tau(*pair) for pair in zip(*draws, strict=True)] if len(names) > 1 else [None]
    known = [tau for tau in taus[1:] if tau is not None]
    ends: Sequence[float | None] = (None, None)
    if 2 * len(known) > len(taus):
        tail = (1 - options.confidence) / 2
        ends = [float(end) for end in np.quantile(known, (tail, 1 - tail))]
    return {
        "systems": len(names),
        "kendall_tau": taus[0],
        "low": ends[0],
        "high": ends[1],
        "confidence": options.confidence,
        "questions": len(synthetic.scores.questions),
        "questions_there": len(people.scores.questions),
        "best": _best(names, draws[0][0]),
        "best_there": _best(names, draws[1][0]),
    }


def _systems(ranked: RankedDataset, options: StatisticsOptions) -> SystemArrays:
    columns = dict.fromkeys(ranked.scores.rows.columns)
    additive = additive_of(ranked.scorer, ranked.task, columns)
    rows = counted_rows(ranked.scores, additive)
    return gather(ranked.scores, rows, additive, options.cluster)


def _overall(
    systems: SystemArrays, names: Sequence[str], draws: int, random: np.random.Generator
) -> Values:
    """(draws + 1, systems): the overall score, more is better; first on all questions as they are.

    An overall score that is no sum over rows is that of the rows, question by question.
    """
    places = [entry.name for entry in systems.entries]
    own = systems.only([places.index(name) for name in names], np.ones(systems.sums.shape[1], bool))
    weights = _weights(own, draws, random)
    overall = components_of([entry.model for entry in systems.entries])[-1]
    combined = own.additive.combine(np.einsum("bq,sqp->bsp", weights, own.sums))
    if overall in combined:
        values = combined[overall]
    else:
        there = ~np.isnan(own.row_scores)
        totals = weights @ np.where(there, own.row_scores, 0.0).T
        values = totals / np.maximum(weights @ there.T, 1)
    way = better(overall, systems.entries[0].model.task)
    return np.asarray(-values if way is Better.LOWER else values, dtype=float)


def _weights(systems: SystemArrays, draws: int, random: np.random.Generator) -> Values:
    """(draws + 1, questions): how often each question is drawn; first each once."""
    questions = systems.sums.shape[1]
    units = np.arange(questions) if systems.clusters is None else systems.clusters
    count = int(units.max()) + 1
    drawn = random.multinomial(count, np.full(count, 1 / count), size=draws)
    return np.vstack([np.ones(questions), drawn[:, units]]).astype(float)


def _tau(one: Values, other: Values) -> float | None:
    from scipy.stats import kendalltau

    value = kendalltau(one, other).statistic
    return None if np.isnan(value) else float(value)


def _best(names: Sequence[str], scores: Values) -> str:
    """The systems with the highest score, with `;` between."""
    if not len(scores) or np.isnan(scores).all():
        return ""
    return ";".join(n for n, s in zip(names, scores, strict=True) if s == np.nanmax(scores))
