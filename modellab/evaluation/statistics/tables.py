"""All statistics of one dataset, as tables."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from modellab.core.io.frames import write_frame
from modellab.core.metric import Better
from modellab.evaluation.compare.entries import components_of
from modellab.evaluation.frame import Scores
from modellab.evaluation.metrics import better
from modellab.evaluation.statistics.comparing import (
    TestLevels,
    compare_pairs,
    correctness,
    in_order,
    smallest_effect,
)
from modellab.evaluation.statistics.confidence_set import may_be_best
from modellab.evaluation.statistics.estimates import NO_SUM, intervals, no_intervals
from modellab.evaluation.statistics.noise import noise_budget
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.evaluation.statistics.ranking import rank_all
from modellab.evaluation.statistics.systems import (
    Shared,
    SystemArrays,
    check_sums,
    counted_rows,
    documents_of,
    gather,
    shared_questions,
)
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import ScorerOptions, additive_of

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Statistics:
    """All tables of one dataset.

    `estimates` has a row per system and component with its interval: `n_scored` rows are behind
    it, of `questions` that it is about; `units` of these are independent (documents, where
    questions are clustered). `no_interval` says why there is none.
    """

    estimates: pd.DataFrame
    comparisons: pd.DataFrame
    ranks: pd.DataFrame
    detectable: pd.DataFrame
    noise: pd.DataFrame


@dataclass(frozen=True)
class StatisticsFiles:
    """Where the tables go."""

    estimates: Path
    comparisons: Path
    ranks: Path
    detectable: Path
    noise: Path


def write_statistics(
    scores: Scores,
    task: TaskOptions,
    scorer: ScorerOptions,
    options: StatisticsOptions,
    seed: int,
    files: StatisticsFiles,
) -> None:
    """Write the five tables. The same seed gives the same bytes."""
    found = statistics_of(scores, task, scorer, options, seed)
    for name, path in vars(files).items():
        write_frame(path, getattr(found, name))
    family = found.comparisons[~found.comparisons["control"].astype(bool)]
    log.info(
        "%d of %d comparisons of contenders are significant",
        *(family["distinguishable"].sum(), len(family)),
    )


def statistics_of(
    scores: Scores,
    task: TaskOptions,
    scorer: ScorerOptions,
    options: StatisticsOptions,
    seed: int,
) -> Statistics:
    """Raises InputError for models that must not be compared, or whose files disagree."""
    components = components_of(scores.models)
    additive = additive_of(scorer, task, dict.fromkeys(scores.rows.columns))
    rows = counted_rows(scores, additive)
    systems = gather(scores, rows, additive, options.cluster)
    check_sums(systems)
    level = TestLevels(options.confidence, options.alpha)
    shared = list(shared_questions(systems))
    estimates, comparisons, ranks, effects = [], [], [], []
    for component in components:
        if component not in systems.by_question:
            ends = no_intervals(NO_SUM, len(systems.entries))
            estimates.append(_estimates(component, systems, ends, options))
            continue
        ends = intervals(systems.contributions(component), systems.clusters, options.confidence)
        estimates.append(_estimates(component, systems, ends, options))
        # question by question the overall score goes by the score of the row
        by_row = component == components[-1]
        pairs = _compare(component, systems, shared, by_row, level)
        comparisons.append(pairs)
        effects.append(smallest_effect(component, pairs, level))
        way = _way(systems, component)
        best = _best(component, systems, way, options, seed)
        by_document = None
        documents = documents_of(systems.questions)
        if by_row and systems.clusters is None and documents.any():
            clustered = replace(systems, clusters=documents)
            by_document = _best(component, clustered, way, options, seed)
        ranks.append(rank_all(component, systems, pairs, best, way, by_row, by_document))
    comparisons.append(correctness(shared, systems, level))
    return Statistics(
        estimates=pd.concat(estimates, ignore_index=True),
        comparisons=_joined(comparisons),
        ranks=pd.concat(ranks, ignore_index=True),
        detectable=pd.DataFrame(effects),
        noise=noise_budget(systems, rows),
    )


def _joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Without the empty ones, whose columns have no types."""
    return pd.concat([one for one in tables if len(one)] or tables[:1], ignore_index=True)


def _way(systems: SystemArrays, component: str) -> Better:
    return better(component, systems.entries[0].model.task)


def _compare(
    component: str, systems: SystemArrays, shared: Sequence[Shared], by_row: bool, level: TestLevels
) -> pd.DataFrame:
    """All pairs. Wins go by the score of the row, or by the component on each question."""
    way = _way(systems, component)
    pairs = []
    for group in shared:
        part = group.systems
        scores = part.row_scores if by_row else part.by_question[component]
        found = part.contributions(component)
        pairs.append(compare_pairs(component, group, found, scores, way, level))
    return in_order(systems, pairs, level)


def _best(
    component: str, systems: SystemArrays, way: Better, options: StatisticsOptions, seed: int
) -> set[str] | None:
    """The contenders that may be the best, on the questions that all in the contest have.

    None where there is no such question, or no better and worse.
    """
    contenders = [
        place
        for place, entry in enumerate(systems.entries)
        if entry.ranked and entry.score(component) is not None
    ]
    if way is Better.NEITHER or not contenders:
        return None
    common = np.asarray(systems.present[contenders].all(axis=0))
    if not common.any():
        return None
    part = systems.only(contenders, common)
    gains = part.contributions(component).rows(part.clusters)
    if np.isnan(gains).any():
        return None
    losses = gains if way is Better.LOWER else -gains
    inside = may_be_best(losses.T, options.alpha, options.resamples, seed)
    return {part.entries[place].name for place in inside}


def _estimates(
    component: str, systems: SystemArrays, ends: pd.DataFrame, options: StatisticsOptions
) -> pd.DataFrame:
    """The component of each system with its interval."""
    metrics = [entry.summary.metrics[component] for entry in systems.entries]
    return pd.DataFrame(
        {
            "system": [entry.name for entry in systems.entries],
            "model": [entry.model.name for entry in systems.entries],
            "retriever": [entry.summary.retriever for entry in systems.entries],
            "component": component,
            "value": pd.Series([e.score(component) for e in systems.entries], dtype=float),
            "low": ends["low"],
            "high": ends["high"],
            "confidence": options.confidence,
            "method": ends["method"],
            "n_scored": [metric.n_scored for metric in metrics],
            "n_failed": [metric.n_failed for metric in metrics],
            "questions": ends["questions"],
            "units": ends["units"],
            "no_interval": ends["no_interval"],
        }
    )
