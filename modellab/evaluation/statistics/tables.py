"""All statistics of one dataset, as tables."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from modellab.core.io.csv_file import write_csv
from modellab.core.metric import Better
from modellab.core.records import Question
from modellab.evaluation.compare.entries import components_of
from modellab.evaluation.compare.score_files import ScoredModel
from modellab.evaluation.metrics import better
from modellab.evaluation.statistics.comparing import (
    Comparison,
    Detectable,
    Level,
    compare_pairs,
    correctness,
    in_order,
)
from modellab.evaluation.statistics.confidence_set import may_be_best
from modellab.evaluation.statistics.contributions import Contributions, contributions
from modellab.evaluation.statistics.estimates import NO_SUM, Interval, intervals, no_interval
from modellab.evaluation.statistics.noise import Noise, noise_budget
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.evaluation.statistics.ranking import Rank, rank_all
from modellab.evaluation.statistics.systems import (
    Shared,
    Systems,
    gather,
    question_values,
    shared_questions,
)
from modellab.tasks.metrics import additive_of
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import ScorerOptions

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Estimate:
    """A component of one system with its interval; ends are None where there is no interval.

    `n_scored` rows are behind it, of `questions` that it is about; `units` of these are independent
    (documents, where questions are clustered). `no_interval` says why there is none.
    """

    system: str
    model: str
    retriever: str
    component: str
    value: float | None
    low: float | None
    high: float | None
    confidence: float
    method: str
    n_scored: int
    n_failed: int
    questions: int
    units: int
    no_interval: str


@dataclass(frozen=True)
class Statistics:
    """All tables of one dataset."""

    estimates: list[Estimate]
    comparisons: list[Comparison]
    ranks: list[Rank]
    detectable: list[Detectable]
    noise: list[Noise]


@dataclass(frozen=True)
class StatisticsFiles:
    """Where the tables go."""

    estimates: Path
    comparisons: Path
    ranks: Path
    detectable: Path
    noise: Path


def write_statistics(
    models: Sequence[ScoredModel],
    questions: Sequence[Question],
    task: TaskOptions,
    scorer: ScorerOptions,
    options: StatisticsOptions,
    seed: int,
    files: StatisticsFiles,
) -> None:
    """Write the five tables. The same seed gives the same bytes."""
    found = statistics_of(models, questions, task, scorer, options, seed)
    _write(files.estimates, Estimate, found.estimates)
    _write(files.comparisons, Comparison, found.comparisons)
    _write(files.ranks, Rank, found.ranks)
    _write(files.detectable, Detectable, found.detectable)
    _write(files.noise, Noise, found.noise)
    family = [pair for pair in found.comparisons if not pair.control]
    apart = sum(bool(pair.distinguishable) for pair in family)
    log.info("%d of %d comparisons of contenders are significant", apart, len(family))


def statistics_of(
    models: Sequence[ScoredModel],
    questions: Sequence[Question],
    task: TaskOptions,
    scorer: ScorerOptions,
    options: StatisticsOptions,
    seed: int,
) -> Statistics:
    """Raises InputError for models that must not be compared, or whose files disagree."""
    components = components_of([model.scores for model in models])
    columns = next((row for model in models for row in model.rows), {})
    systems = gather(models, questions, additive_of(scorer, task, columns), options.cluster)
    level = Level(options.confidence, options.alpha)
    shared = list(shared_questions(systems))
    values = question_values(systems)
    found = Statistics([], [], [], [], [])
    for component in components:
        if component not in values:
            nothing = [no_interval(NO_SUM)] * len(systems.entries)
            found.estimates.extend(_rows(component, systems, nothing, options))
            continue
        whole = _contributions(systems, component)
        ends = intervals(whole, systems.clusters, options.confidence)
        found.estimates.extend(_rows(component, systems, ends, options))
        # question by question the overall score goes by the row's own mark
        marks = None if component == components[-1] else component
        pairs, detectable = _compare(component, systems, shared, marks, level)
        found.comparisons.extend(pairs)
        found.detectable.append(detectable)
        way = _way(systems, component)
        best = _best(component, systems, way, options, seed)
        found.ranks.extend(rank_all(component, systems, pairs, best, way))
    found.comparisons.extend(correctness(shared, systems, level))
    found.noise.extend(noise_budget(models, questions, systems))
    return found


def _contributions(systems: Systems, component: str) -> Contributions:
    return contributions(systems.additive, component, systems.sums, systems.unanswerable)


def _way(systems: Systems, component: str) -> Better:
    return better(component, systems.entries[0].model.task)


def _compare(
    component: str,
    systems: Systems,
    shared: Sequence[Shared],
    marks: str | None,
    level: Level,
) -> tuple[list[Comparison], Detectable]:
    """All pairs. `marks` names the component that wins go by; None: the row's own mark."""
    way = _way(systems, component)
    pairs: list[Comparison] = []
    for group in shared:
        part = group.systems
        wins = part.row_marks if marks is None else question_values(part)[marks]
        found = _contributions(part, component)
        pairs += compare_pairs(component, group, found, wins, way, level)
    return in_order(component, systems, pairs, level)


def _best(
    component: str, systems: Systems, way: Better, options: StatisticsOptions, seed: int
) -> set[str] | None:
    """The contenders that may be the best, on the questions that all of them have.

    None where there is no such question, or no better and worse.
    """
    import numpy as np

    contenders = [
        place
        for place, entry in enumerate(systems.entries)
        if not entry.control and entry.score(component) is not None
    ]
    if way is Better.NEITHER or not contenders:
        return None
    common = np.asarray(systems.present[contenders].all(axis=0))
    if not common.any():
        return None
    part = systems.only(contenders, common)
    gains = _contributions(part, component).rows(part.clusters)
    if np.isnan(gains).any():
        return None
    losses = gains if way is Better.LOWER else -gains
    inside = may_be_best(losses.T, options.alpha, options.resamples, seed)
    return {part.entries[place].name for place in inside}


def _rows(
    component: str,
    systems: Systems,
    ends: Sequence[Interval],
    options: StatisticsOptions,
) -> Iterable[Estimate]:
    for entry, interval in zip(systems.entries, ends, strict=True):
        metric = entry.summary.metrics[component]
        yield Estimate(
            system=entry.name,
            model=entry.model.name,
            retriever=entry.summary.retriever,
            component=component,
            value=entry.score(component),
            low=interval.low,
            high=interval.high,
            confidence=options.confidence,
            method=interval.method,
            n_scored=metric.n_scored,
            n_failed=metric.n_failed,
            questions=interval.questions,
            units=interval.units,
            no_interval=interval.reason,
        )


def _write(path: Path, kind: Any, rows: Iterable[Any]) -> None:
    write_csv(path, [field.name for field in fields(kind)], map(asdict, rows))
