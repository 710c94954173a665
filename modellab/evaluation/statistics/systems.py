"""The arrays behind all statistics: systems by questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modellab.core.errors import InputError
from modellab.core.records import Outcome, Question
from modellab.evaluation.compare.entries import Entry
from modellab.evaluation.frame import Scores
from modellab.evaluation.statistics.contributions import Array, Contributions, contributions
from modellab.tasks.scorer import Additive

#: published numbers and these sums may differ by rounding
_ROUNDING = 1e-9
Pair = tuple[int, int]


@dataclass(frozen=True)
class SystemArrays:
    """Arrays over systems and questions.

    A question that the file has several times is one of the `questions` here, its rows are repeats.

    - `sums` (systems, questions, parts): the summands of a question's rows, all repeats added up
    - `present` (systems, questions): whether the system has rows of the question
    - `row_scores`, `right` (systems, questions): the mean over a question's rows of the score that
      decides wins, and the share of its rows whose outcome is right (NaN: none)
    - `unanswerable` (questions,)
    - `clusters` (questions,): the number of the document that a question is about, or of the
      question alone; None where questions are independent
    """

    entries: tuple[Entry, ...]
    questions: tuple[Question, ...]
    additive: Additive
    sums: Array
    present: NDArray[np.bool_]
    row_scores: Array
    right: Array
    unanswerable: NDArray[np.bool_]
    clusters: NDArray[np.int_] | None

    @cached_property
    def by_question(self) -> Mapping[str, Array]:
        """By component (systems, questions): its value on each question alone, if there is one."""
        found = self.additive.combine(self.sums)
        return {name: np.where(self.present, values, np.nan) for name, values in found.items()}

    def contributions(self, component: str) -> Contributions:
        """The contribution of each question; cached."""
        if component not in self._contributions:
            self._contributions[component] = contributions(
                self.additive, component, self.sums, self.unanswerable
            )
        return self._contributions[component]

    @cached_property
    def _contributions(self) -> dict[str, Contributions]:
        return {}

    def only(self, members: Sequence[int], questions: NDArray[np.bool_]) -> SystemArrays:
        """Some systems on some of the questions."""
        kept = list(members)
        if questions.all() and kept == list(range(len(self.entries))):
            return self
        return replace(
            self,
            entries=tuple(self.entries[member] for member in kept),
            questions=tuple(q for q, yes in zip(self.questions, questions, strict=True) if yes),
            sums=self.sums[kept][:, questions],
            present=self.present[kept][:, questions],
            row_scores=self.row_scores[kept][:, questions],
            right=self.right[kept][:, questions],
            unanswerable=self.unanswerable[questions],
            clusters=None if self.clusters is None else self.clusters[questions],
        )


@dataclass(frozen=True)
class CountedRows:
    """The counted rows, one by one: their system and question, by place, and their summands."""

    systems: NDArray[np.intp]
    questions: NDArray[np.intp]
    parts: Array


@dataclass(frozen=True)
class Shared:
    """Pairs of systems that have the same questions in common.

    `pairs` are places in `systems`, which has the shared questions only.
    """

    pairs: tuple[Pair, ...]
    systems: SystemArrays


def shared_questions(systems: SystemArrays) -> Iterator[Shared]:
    """All pairs, by the questions that both have: a difference is paired, or it is none."""
    groups: dict[bytes, list[Pair]] = {}
    for a, b in combinations(range(len(systems.entries)), 2):
        groups.setdefault((systems.present[a] & systems.present[b]).tobytes(), []).append((a, b))
    for key, pairs in groups.items():
        members = sorted({place for pair in pairs for place in pair})
        place = {member: index for index, member in enumerate(members)}
        part = systems.only(members, np.frombuffer(key, dtype=bool))
        yield Shared(tuple((place[a], place[b]) for a, b in pairs), part)


def counted_rows(scores: Scores, additive: Additive) -> CountedRows:
    """Raises InputError where there is none."""
    rows = scores.counted
    if rows.empty:
        raise InputError("scores: no model has a scored row")
    return CountedRows(
        rows["system"].cat.codes.to_numpy().astype(np.intp),
        scores.distinct[rows["question_id"].cat.codes.to_numpy()],
        additive.parts(scores.questions, rows),
    )


def gather(scores: Scores, rows: CountedRows, additive: Additive, cluster: str) -> SystemArrays:
    """Add up the rows of each system by question. `cluster`: what is independent."""
    first = np.unique(scores.distinct, return_index=True)[1]
    questions = tuple(scores.questions[place] for place in first)
    shape = (len(scores.entries), len(questions))
    cells = rows.systems * shape[1] + rows.questions
    size = shape[0] * shape[1]
    parts = [np.bincount(cells, part, size) for part in rows.parts.T]
    sums: Array = np.stack(parts, axis=1).reshape(*shape, -1).astype(float)
    outcome = scores.counted["outcome"]
    right = (outcome == Outcome.RIGHT).astype(float).where(outcome.notna())
    return SystemArrays(
        entries=tuple(scores.entries),
        questions=questions,
        additive=additive,
        sums=sums,
        present=(sums != 0).any(axis=2),
        row_scores=_means(scores.counted[additive.row_mark], cells, shape),
        right=_means(right, cells, shape),
        unanswerable=np.array([question.unanswerable for question in questions], dtype=bool),
        clusters=documents_of(questions) if cluster == "document" else None,
    )


def _means(values: pd.Series[float], cells: NDArray[np.intp], shape: tuple[int, int]) -> Array:
    """(systems, questions): over the rows that have a value; NaN without one."""
    known = values.notna().to_numpy()
    size = shape[0] * shape[1]
    totals = np.bincount(cells[known], values.to_numpy()[known], size)
    counts = np.bincount(cells[known], minlength=size)
    return np.where(counts > 0, totals / np.maximum(counts, 1), np.nan).reshape(shape)


def documents_of(questions: Sequence[Question]) -> NDArray[np.int_]:
    """By question, the number of its cluster: the first document it is about, else itself."""
    names = [
        f"document {question.references[0]}" if question.references else f"question {question.id}"
        for question in questions
    ]
    return np.asarray(pd.factorize(np.array(names, dtype=object))[0], dtype=int)


def check_sums(systems: SystemArrays) -> None:
    """Raises InputError where the sums of all questions do not give what the score files say."""
    found = systems.additive.combine(systems.sums.sum(axis=1))
    for component, values in found.items():
        for entry, value in zip(systems.entries, values, strict=True):
            metric = entry.summary.metrics[component]
            # a value without a row behind it is a rule, such as the 1 of WattBot's na_recall
            stored = metric.value if metric.n_scored else None
            own = None if np.isnan(value) else float(value)
            if (stored is None) != (own is None) or (
                stored is not None and own is not None and abs(stored - own) > _ROUNDING
            ):
                raise InputError(
                    f"scores of {entry.name}: {component} is {stored} in the summary, but its rows "
                    f"give {own}; score the model again"
                )
