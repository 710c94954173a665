"""Noise budget: what the variance of a score is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modellab.core.records import Question, Status
from modellab.evaluation.compare.score_files import ScoredModel
from modellab.evaluation.statistics.contributions import contributions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modellab.evaluation.statistics.systems import Systems
    from modellab.tasks.additive import Array

QUESTIONS, REPEATS, QUESTIONS_AND_REPEATS, RETRIEVER = (
    "questions",
    "repeats",
    "questions_and_repeats",
    "retriever",
)


@dataclass(frozen=True)
class Noise:
    """How much one source adds to the variance of one system's component.

    - `questions`: other questions of the same kind would have been asked
    - `repeats`: the same questions would have been answered otherwise (sampling)
    - `questions_and_repeats`: both, where each question was asked once and they cannot be split
    - `retriever`: what a model's score differs by between its retrievers, beyond the other two;
      no part of the uncertainty of a system, which has one retriever: `share` is empty

    `sd` is the square root of `variance`; a variance is cut off at 0. `share` is of the variance
    of the score, `levels` how many questions, repeats or retrievers are behind it.
    """

    system: str
    component: str
    source: str
    variance: float
    sd: float
    share: float | None
    levels: int


def noise_budget(
    models: Sequence[ScoredModel], questions: Sequence[Question], systems: Systems
) -> list[Noise]:
    """Exact sums of squares: questions within their stratum, repeats within questions."""
    found: list[Noise] = []
    for component in systems.additive.means:
        found += _of_component(models, questions, systems, component)
    return found


def _of_component(
    models: Sequence[ScoredModel], questions: Sequence[Question], systems: Systems, component: str
) -> Iterator[Noise]:
    import numpy as np

    whole = contributions(systems.additive, component, systems.sums, systems.unanswerable)
    within = _within(models, questions, systems, component)
    spread = np.zeros(len(systems.entries))
    for place, entry in enumerate(systems.entries):
        value = entry.score(component)
        if value is None or not whole.about[place]:
            continue
        between = _between(whole.influences[place], whole.weights[place], whole.strata)
        spread[place] = between
        yield from _split(entry.name, component, between, within[place], int(whole.about[place]))
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


def _split(
    system: str, component: str, variance: float, within: tuple[float, int], count: int
) -> Iterator[Noise]:
    """The mean square between questions holds that of repeats; the rest is of the questions."""
    repeats_variance, repeats = within
    if repeats < 2:
        share = 1.0 if variance > 0 else None
        name = QUESTIONS_AND_REPEATS
        yield Noise(system, component, name, variance, variance**0.5, share, count)
        return
    sampled = min(repeats_variance, variance)
    for name, part, levels in (
        (QUESTIONS, variance - sampled, count),
        (REPEATS, sampled, repeats),
    ):
        share = part / variance if variance > 0 else None
        yield Noise(system, component, name, part, part**0.5, share, levels)


def _within(
    models: Sequence[ScoredModel], questions: Sequence[Question], systems: Systems, component: str
) -> list[tuple[float, int]]:
    """By system: the variance of its score from the spread within questions, and the repeats."""
    import numpy as np

    terms = systems.additive.means[component]
    place = {question.id: index for index, question in enumerate(questions)}
    of = {(e.model.name, e.summary.retriever): n for n, e in enumerate(systems.entries)}
    rows = systems.sums.sum(axis=1)
    shape = systems.sums.shape[:2]
    count, first, second = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for model in models:
        for row in model.rows:
            if model.scores.missing == "ignore" and row["status"] == Status.MISSING:
                continue
            cell = of[model.scores.name, row["retriever"]], place[row["question_id"]]
            parts = systems.additive.parts(questions[cell[1]], row)
            below = [rows[cell[0], term.below] for term in terms]
            given = sum(
                term.weight * parts[term.above] / total
                for term, total in zip(terms, below, strict=True)
                if total
            )
            if any(parts[term.below] for term in terms):
                count[cell] += 1
                first[cell] += given
                second[cell] += given * given
    squares = np.maximum(second - first**2 / np.maximum(count, 1), 0.0)
    many = count > 1
    # a question's contribution is a sum of its rows: its variance is that of a row times the rows
    variance = np.where(many, squares * count / np.maximum(count - 1, 1), 0.0).sum(axis=1)
    return [(float(v), int(c)) for v, c in zip(variance, count.max(axis=1), strict=True)]


def _retrievers(systems: Systems, component: str, spread: Array) -> Iterator[Noise]:
    """Between the retrievers of one model: the variance of their scores beyond their own."""
    import numpy as np

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
            name = systems.entries[place].name
            yield Noise(name, component, RETRIEVER, beyond, beyond**0.5, None, len(places))
