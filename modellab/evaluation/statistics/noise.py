"""Noise budget: the sources of the variance of a score."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modellab.evaluation.statistics.contributions import Array
from modellab.evaluation.statistics.systems import CountedRows, SystemArrays

QUESTIONS, REPEATS, QUESTIONS_AND_REPEATS, RETRIEVER = (
    "questions",
    "repeats",
    "questions_and_repeats",
    "retriever",
)


COLUMNS = ("system", "component", "source", "variance", "sd", "share", "levels")
#: one source: its name, its variance, its share of the score's, the levels behind it
Source = tuple[str, float, float, int]


def noise_budget(systems: SystemArrays, rows: CountedRows) -> pd.DataFrame:
    """How much each source adds to the variance of each system's components.

    - `questions`: other questions of the same kind would have been asked
    - `repeats`: the same questions would have been answered otherwise (sampling)
    - `questions_and_repeats`: both, where each question was asked once and they cannot be split
    - `retriever`: what a model's score differs by between its retrievers, beyond the other two;
      no part of the uncertainty of a system, which has one retriever: `share` is missing

    `sd` is the square root of `variance`; a variance is cut off at 0. `share` is of the variance
    of the score, `levels` the number of questions, repeats or retrievers behind it. Exact sums of
    squares: questions within their stratum, repeats within questions.
    """
    found = [
        (systems.entries[place].name, component, name, variance, variance**0.5, share, levels)
        for component in systems.additive.means
        for place, (name, variance, share, levels) in _of_component(systems, rows, component)
    ]
    return pd.DataFrame(found, columns=list(COLUMNS))


def _of_component(
    systems: SystemArrays, rows: CountedRows, component: str
) -> Iterator[tuple[int, Source]]:
    whole = systems.contributions(component)
    about = whole.about
    within, repeats = _within(systems, rows, component)
    spread = np.zeros(len(systems.entries))
    for place, entry in enumerate(systems.entries):
        if entry.score(component) is None or not about[place]:
            continue
        between = _between(whole.influences[place], whole.weights[place], whole.strata)
        spread[place] = between
        sampled = (float(within[place]), int(repeats[place]))
        for source in _split(between, sampled, int(about[place])):
            yield place, source
    yield from _retrievers(systems, component, spread)


def _between(influences: Array, weights: Array, strata: NDArray[np.int_]) -> float:
    """The variance of the score from the spread of its questions, repeats included."""
    whole = 0.0
    for stratum in (0, 1):
        part = (strata == stratum) & (weights > 0)
        count = int(part.sum())
        if count > 1:
            whole += float((influences[part] ** 2).sum()) * count / (count - 1)
    return whole


def _split(variance: float, within: tuple[float, int], count: int) -> Iterator[Source]:
    """The mean square between questions holds that of repeats; the rest is of the questions."""
    repeats_variance, repeats = within
    if repeats < 2:
        yield QUESTIONS_AND_REPEATS, variance, 1.0 if variance > 0 else math.nan, count
        return
    sampled = min(repeats_variance, variance)
    for name, part, levels in (
        (QUESTIONS, variance - sampled, count),
        (REPEATS, sampled, repeats),
    ):
        yield name, part, part / variance if variance > 0 else math.nan, levels


def _within(
    systems: SystemArrays, rows: CountedRows, component: str
) -> tuple[Array, NDArray[np.int_]]:
    """(systems,): the variance of the score from the spread within questions, and the repeats."""
    terms = systems.additive.means[component]
    totals = systems.sums.sum(axis=1)
    given, about = np.zeros(len(rows.parts)), np.zeros(len(rows.parts), dtype=bool)
    for term in terms:
        total = totals[rows.systems, term.below]
        above = term.weight * rows.parts[:, term.above]
        given += np.divide(above, total, out=np.zeros_like(above), where=total > 0)
        about |= rows.parts[:, term.below] != 0
    shape = systems.sums.shape[:2]
    cells = (rows.systems * shape[1] + rows.questions)[about]
    size = shape[0] * shape[1]
    count, first, second = (
        np.bincount(cells, weights, size).reshape(shape)
        for weights in (np.ones(len(cells)), given[about], given[about] ** 2)
    )
    squares = np.maximum(second - first**2 / np.maximum(count, 1), 0.0)
    # a question's contribution is a sum of its rows: its variance is that of a row times the rows
    variance = np.where(count > 1, squares * count / np.maximum(count - 1, 1), 0.0).sum(axis=1)
    return variance, count.max(axis=1).astype(int)


def _retrievers(
    systems: SystemArrays, component: str, spread: Array
) -> Iterator[tuple[int, Source]]:
    """Between the retrievers of one model: the variance of their scores beyond their own."""
    by_model: dict[str, list[int]] = {}
    for place, entry in enumerate(systems.entries):
        if entry.score(component) is not None and not entry.control:
            by_model.setdefault(entry.model.name, []).append(place)
    for places in by_model.values():
        if len(places) < 2:
            continue
        scores = [systems.entries[place].score(component) or 0.0 for place in places]
        beyond = max(0.0, float(np.var(scores, ddof=1)) - float(spread[places].mean()))
        for place in places:
            yield place, (RETRIEVER, beyond, math.nan, len(places))
