"""All statistics of one dataset, as tables."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellab.compare.entries import Entry, components_of
from modellab.compare.score_files import ScoredModel
from modellab.metrics import better
from modellab.metrics.description import Better
from modellab.records import Question
from modellab.scorers.protocol import ScorerOptions
from modellab.statistics.bootstrap import resampled
from modellab.statistics.comparing import (
    Comparison,
    Detectable,
    compare_pairs,
    in_order,
    mcnemar_all,
)
from modellab.statistics.families import additive_of
from modellab.statistics.intervals import NO_SUM, Interval, interval, no_interval
from modellab.statistics.options import StatisticsOptions
from modellab.statistics.ranking import Rank, rank_all
from modellab.statistics.shared import shared_units
from modellab.statistics.units import Systems, gather, unit_values
from modellab.storage.csvfile import write_csv
from modellab.tasks.protocol import TaskOptions

if TYPE_CHECKING:
    from modellab.statistics.additive import Array

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Estimate:
    """A component of one system with its interval; ends are None where there is no interval.

    `n_scored` rows are behind it, in `units` that were drawn as a whole. `no_interval` says why
    there is none.
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
    units: int
    no_interval: str


@dataclass(frozen=True)
class Statistics:
    """All tables of one dataset."""

    estimates: list[Estimate]
    comparisons: list[Comparison]
    ranks: list[Rank]
    detectable: list[Detectable]


@dataclass(frozen=True)
class StatisticsFiles:
    """Where the tables go."""

    estimates: Path
    comparisons: Path
    ranks: Path
    detectable: Path


def write_statistics(
    models: Sequence[ScoredModel],
    questions: Sequence[Question],
    task: TaskOptions,
    scorer: ScorerOptions,
    options: StatisticsOptions,
    seed: int,
    files: StatisticsFiles,
) -> None:
    """Write the four tables. The same seed gives the same bytes."""
    found = statistics_of(models, questions, task, scorer, options, seed)
    _write(files.estimates, Estimate, found.estimates)
    _write(files.comparisons, Comparison, found.comparisons)
    _write(files.ranks, Rank, found.ranks)
    _write(files.detectable, Detectable, found.detectable)
    family = [pair for pair in found.comparisons if not pair.control]
    apart = sum(bool(pair.distinguishable) for pair in family)
    log.info("%d of %d comparisons of contenders are told apart", apart, len(family))


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
    additive = additive_of(task, scorer, columns)
    systems = gather(models, questions, additive, options.cluster)
    replicates = resampled(systems, options.resamples, seed)
    found = Statistics([], [], [], [])
    pairs = _pairs(components, systems, replicates, options, seed)
    for component in components:
        _estimate(found, component, systems, replicates.get(component), options)
        if component in replicates:
            _compare(found, component, systems, replicates[component], pairs[component], options)
    found.comparisons.extend(mcnemar_all(systems, options.alpha))
    return found


def _pairs(
    components: Sequence[str],
    systems: Systems,
    replicates: Mapping[str, Array],
    options: StatisticsOptions,
    seed: int,
) -> Mapping[str, Sequence[tuple[Comparison, float]]]:
    """All pairs by component: question by question the overall score goes by the row's own mark."""
    told = [component for component in components if component in replicates]
    values = unit_values(systems)
    marks = {**values, components[-1]: systems.row_marks}
    found: dict[str, list[tuple[Comparison, float]]] = {component: [] for component in told}
    for shared in shared_units(systems, replicates, options.resamples, seed):
        for component in told:
            of = (component, systems, values[component], marks[component], shared)
            found[component] += compare_pairs(*of, _way(systems, component), options.confidence)
    return found


def _way(systems: Systems, component: str) -> Better:
    return better(component, systems.entries[0].model.task)


def _estimate(
    found: Statistics,
    component: str,
    systems: Systems,
    replicates: Array | None,
    options: StatisticsOptions,
) -> None:
    import numpy as np

    share = component in systems.additive.shares
    values = unit_values(systems).get(component)
    for index, entry in enumerate(systems.entries):
        units = int(systems.present[index].sum())
        ends = (
            no_interval(NO_SUM)
            if replicates is None or values is None
            else interval(
                entry.score(component),
                replicates[:, index],
                # a share of a part of the rows, such as recall, has no more units than those
                int((~np.isnan(values[index])).sum()),
                share,
                options.confidence,
            )
        )
        found.estimates.append(_row(entry, component, ends, units, options))


def _row(
    entry: Entry, component: str, ends: Interval, units: int, options: StatisticsOptions
) -> Estimate:
    metric = entry.summary.metrics[component]
    return Estimate(
        system=entry.name,
        model=entry.model.name,
        retriever=entry.summary.retriever,
        component=component,
        value=entry.score(component),
        low=ends.low,
        high=ends.high,
        confidence=options.confidence,
        method=ends.method,
        n_scored=metric.n_scored,
        n_failed=metric.n_failed,
        units=units,
        no_interval=ends.reason,
    )


def _compare(
    found: Statistics,
    component: str,
    systems: Systems,
    replicates: Array,
    compared: Sequence[tuple[Comparison, float]],
    options: StatisticsOptions,
) -> None:
    scores = [entry.score(component) for entry in systems.entries]
    pairs, detectable = in_order(component, systems, compared, options.alpha)
    found.comparisons.extend(pairs)
    found.detectable.append(detectable)
    way, confidence = _way(systems, component), options.confidence
    found.ranks.extend(rank_all(component, systems, scores, replicates, pairs, way, confidence))


def _write(path: Path, kind: Any, rows: Iterable[Any]) -> None:
    write_csv(path, [field.name for field in fields(kind)], map(asdict, rows))
