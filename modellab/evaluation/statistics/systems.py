"""All systems of a dataset on the same questions: what the tables are made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from modellab.core.errors import InputError
from modellab.core.records import Outcome, Question, Status
from modellab.evaluation.compare.entries import Entry, entries_of
from modellab.evaluation.compare.score_files import ScoredModel
from modellab.tasks.additive import Additive, number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modellab.tasks.additive import Array

#: published numbers and these sums may differ by rounding
_ROUNDING = 1e-9
Pair = tuple[int, int]


@dataclass(frozen=True)
class Systems:
    """Arrays over systems and questions.

    - `sums` (systems, questions, parts): the summands of a question's rows, all repeats added up
    - `present` (systems, questions): whether the system has rows of the question
    - `row_marks`, `right` (systems, questions): the mean over a question's rows of the mark that
      decides wins, and the share of its rows whose outcome is right (not a number: none)
    - `unanswerable` (questions,)
    - `clusters` (questions,): the number of the document that a question is about, or of the
      question alone; None where questions are independent
    """

    entries: tuple[Entry, ...]
    questions: tuple[str, ...]
    additive: Additive
    sums: Array
    present: NDArray[np.bool_]
    row_marks: Array
    right: Array
    unanswerable: NDArray[np.bool_]
    clusters: NDArray[np.int_] | None

    def only(self, members: Sequence[int], questions: NDArray[np.bool_]) -> Systems:
        """Some systems on some of the questions."""
        if questions.all() and len(members) == len(self.entries):
            return self
        kept = list(members)
        return replace(
            self,
            entries=tuple(self.entries[member] for member in kept),
            questions=tuple(q for q, yes in zip(self.questions, questions, strict=True) if yes),
            sums=self.sums[kept][:, questions],
            present=self.present[kept][:, questions],
            row_marks=self.row_marks[kept][:, questions],
            right=self.right[kept][:, questions],
            unanswerable=self.unanswerable[questions],
            clusters=None if self.clusters is None else self.clusters[questions],
        )


@dataclass(frozen=True)
class Shared:
    """Pairs of systems that have the same questions in common.

    `pairs` are places in the list of all systems, `own` the same pairs as places in `systems`,
    which has the shared questions only.
    """

    pairs: tuple[Pair, ...]
    own: tuple[Pair, ...]
    systems: Systems


def shared_questions(systems: Systems) -> Iterator[Shared]:
    """All pairs, by the questions that both have: a difference is paired, or it is none."""
    import numpy as np

    groups: dict[bytes, list[Pair]] = {}
    for a, b in combinations(range(len(systems.entries)), 2):
        groups.setdefault((systems.present[a] & systems.present[b]).tobytes(), []).append((a, b))
    for key, pairs in groups.items():
        members = sorted({place for pair in pairs for place in pair})
        place = {member: index for index, member in enumerate(members)}
        part = systems.only(members, np.frombuffer(key, dtype=bool))
        yield Shared(tuple(pairs), tuple((place[a], place[b]) for a, b in pairs), part)


def gather(
    models: Sequence[ScoredModel],
    questions: Sequence[Question],
    additive: Additive,
    cluster: str,
) -> Systems:
    """What `add_up` says; InputError where that is not what stands in the score files."""
    found = add_up(models, questions, additive, cluster)
    _check(found)
    return found


def add_up(
    models: Sequence[ScoredModel],
    questions: Sequence[Question],
    additive: Additive,
    cluster: str,
) -> Systems:
    """Add up the rows of each system by question, those that are left out of the scores too."""
    import numpy as np

    place = {question.id: index for index, question in enumerate(questions)}
    entries = entries_of([model.scores for model in models])
    size = len(additive.parts(questions[0], _any_row(models)))
    sums = np.zeros((len(entries), len(questions), size))
    marks = np.zeros((len(entries), len(questions), 2, 2))
    number_of = {(entry.model.name, entry.summary.retriever): n for n, entry in enumerate(entries)}
    for model in models:
        inner = model.scores.missing == "ignore"
        for row in model.rows:
            if inner and row["status"] == Status.MISSING:
                continue
            cell = number_of[model.scores.name, row["retriever"]], place[row["question_id"]]
            sums[cell] += additive.parts(questions[cell[1]], row)
            _mark(marks[cell][0], number(row[additive.row_mark]))
            _mark(marks[cell][1], _right(row))
    counts = marks[..., 1]
    with np.errstate(invalid="ignore"):
        means = np.where(counts > 0, marks[..., 0] / np.maximum(counts, 1), np.nan)
    return Systems(
        entries=tuple(entries),
        questions=tuple(question.id for question in questions),
        additive=additive,
        sums=sums,
        present=(sums != 0).any(axis=2),
        row_marks=means[..., 0],
        right=means[..., 1],
        unanswerable=np.array([question.unanswerable for question in questions], dtype=bool),
        clusters=_clusters(questions) if cluster == "document" else None,
    )


def question_values(systems: Systems) -> dict[str, Array]:
    """By component (systems, questions): its value on each question alone, if there is one."""
    import numpy as np

    found = systems.additive.combine(systems.sums)
    return {name: np.where(systems.present, values, np.nan) for name, values in found.items()}


def _clusters(questions: Sequence[Question]) -> NDArray[np.int_]:
    """Of each question: the first document that it is about, else the question itself."""
    import numpy as np

    names = [
        f"document {question.references[0]}" if question.references else f"question {question.id}"
        for question in questions
    ]
    place = {name: index for index, name in enumerate(dict.fromkeys(names))}
    return np.array([place[name] for name in names], dtype=int)


def _right(row: Mapping[str, str]) -> float | None:
    outcome = row.get("outcome", "")
    return float(outcome == Outcome.RIGHT) if outcome else None


def _any_row(models: Sequence[ScoredModel]) -> Mapping[str, str]:
    for model in models:
        for row in model.rows:
            return row
    raise InputError("scores: no model has a scored row")


def _mark(cell: Array, value: float | None) -> None:
    if value is not None:
        cell += (value, 1.0)


def _check(systems: Systems) -> None:
    """The sums of all questions must give what the score files say."""
    import numpy as np

    found = systems.additive.combine(systems.sums.sum(axis=1))
    for component, values in found.items():
        for entry, value in zip(systems.entries, values, strict=True):
            metric = entry.summary.metrics[component]
            # a value without a row behind it is a rule, such as the 1 of WattBot's na_recall
            told = metric.value if metric.n_scored else None
            mine = None if np.isnan(value) else float(value)
            if (told is None) != (mine is None) or (
                told is not None and mine is not None and abs(told - mine) > _ROUNDING
            ):
                raise InputError(
                    f"scores of {entry.name}: {component} is {told} in the summary, but its rows "
                    f"give {mine}; score the model again"
                )
