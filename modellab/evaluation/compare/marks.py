"""What each system answered to each question in its first repeat, and what it was worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from modellab.core.errors import InputError
from modellab.core.records import NO_ANSWER, Outcome, Question, Status
from modellab.evaluation.compare.entries import ENSEMBLE, Entry
from modellab.evaluation.compare.score_files import FIRST_REPEAT, ScoredModel
from modellab.tasks.canonical import CanonicalAnswer

#: no answer, and no mark
NONE = -1
OUTCOMES = tuple(Outcome)


@dataclass(frozen=True)
class Marks:
    """Systems x questions.

    - `answers`: equal numbers stand for equal answers; NONE where there is no answer
    - `outcomes`: the place of the outcome in `OUTCOMES`; NONE where there is none
    - `graded`: by system whether its scorer says from when on an answer is right
    - `ensembles`: by system whether its answers are those of other systems
    - `controls`: by system whether it is a reference point
    """

    systems: tuple[str, ...]
    answers: NDArray[np.intp]
    outcomes: NDArray[np.intp]
    graded: NDArray[np.bool_]
    ensembles: NDArray[np.bool_]
    controls: NDArray[np.bool_]

    def contenders(self) -> Marks:
        """The same without the controls."""
        competing = ~self.controls
        return Marks(
            tuple(name for name, yes in zip(self.systems, competing, strict=True) if yes),
            self.answers[competing],
            self.outcomes[competing],
            self.graded[competing],
            self.ensembles[competing],
            self.controls[competing],
        )

    @cached_property
    def correct(self) -> NDArray[np.intp]:
        """1 where the outcome is right, 0 where it is another, NONE where there is none.

        NONE also for all rows of a system that is not graded: only abstentions could be right.
        """
        known = (self.outcomes != NONE) & self.graded[:, np.newaxis]
        right = self.outcomes == OUTCOMES.index(Outcome.RIGHT)
        return np.where(known, right.astype(np.intp), NONE)


def marks_of(
    questions: Sequence[Question], models: Iterable[ScoredModel], canonical: CanonicalAnswer
) -> Marks:
    """Read the models one at a time; systems in the order given."""
    places = {question.id: place for place, question in enumerate(questions)}
    numbers: dict[str, int] = {}
    names: list[str] = []
    answers: list[NDArray[np.intp]] = []
    outcomes: list[NDArray[np.intp]] = []
    graded: list[bool] = []
    ensembles: list[bool] = []
    controls: list[bool] = []
    for model in models:
        of = {s.retriever: len(names) + i for i, s in enumerate(model.scores.summaries)}
        names += [Entry(model.scores, summary).name for summary in model.scores.summaries]
        graded += [model.scores.correct is not None for _ in of]
        ensembles += [model.scores.llm_provider == ENSEMBLE for _ in of]
        controls += [summary.control for summary in model.scores.summaries]
        answers += [np.full(len(questions), NONE, dtype=np.intp) for _ in of]
        outcomes += [np.full(len(questions), NONE, dtype=np.intp) for _ in of]
        for row in _first(model):
            system, place = of[row["retriever"]], _place(row, places, model)
            if row["status"] not in NO_ANSWER:
                same = canonical.of(row)
                answers[system][place] = numbers.setdefault(same, len(numbers))
            if row["outcome"]:
                outcomes[system][place] = OUTCOMES.index(Outcome(row["outcome"]))
    shape = (len(names), len(questions))
    return Marks(
        systems=tuple(names),
        answers=np.array(answers).reshape(shape),
        outcomes=np.array(outcomes).reshape(shape),
        graded=np.array(graded, dtype=bool),
        ensembles=np.array(ensembles, dtype=bool),
        controls=np.array(controls, dtype=bool),
    )


def _first(model: ScoredModel) -> Iterable[Mapping[str, str]]:
    for row in model.rows:
        left_out = row["status"] == Status.MISSING and model.scores.missing == "ignore"
        if int(row["repeat"]) == FIRST_REPEAT and not left_out:
            yield row


def _place(row: Mapping[str, str], places: Mapping[str, int], model: ScoredModel) -> int:
    if row["question_id"] not in places:
        raise InputError(
            f"scores of {model.scores.name}: question {row['question_id']!r} is not in the "
            "data set; score the model again"
        )
    return places[row["question_id"]]
