"""Before a model is asked: does the dataset's scorer mark its reference answers as right?

A reference that the rules cannot read as it is written makes every right answer wrong. So each
is scored as the text that a perfect model would write.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path

from modellab.core.io.frames import frame_of, write_frame
from modellab.core.io.jsonl import read_rows
from modellab.core.records import Outcome, Prediction, Question
from modellab.evaluation.score import scored_row
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import Material, Scorer, ScorerOptions

log = logging.getLogger(__name__)

#: number of questions that a warning names
SHOWN = 20
#: characters of a truth that are shown
_WIDTH = 80
_NEARLY = 1 - 1e-9


class Remark(StrEnum):
    """A problem of a reference answer."""

    WRONG = "marked wrong"  # by its own scorer
    AMBIGUOUS = "ambiguous"  # it can be read in several ways


@dataclass(frozen=True)
class CheckedTruth:
    """One remark on the truth of one question."""

    question_id: str
    remark: Remark
    truth: str
    note: str


def write_truth_check(
    dataset: str, questions: Path, task: TaskOptions, scorer: ScorerOptions, truths: Path
) -> None:
    """Write the remarks (CSV, a row each), and warn of references that are marked wrong."""
    found = list(checked_truths(read_rows(questions, Question), task, scorer))
    columns = [field.name for field in fields(CheckedTruth)]
    write_frame(truths, frame_of(map(asdict, found), columns))
    if warning := warning_of(found, scorer):
        log.warning("%s: %s", dataset, warning)


def warning_of(found: Sequence[CheckedTruth], scorer: ScorerOptions) -> str | None:
    """One line that names the references marked wrong; None without any."""
    wrong = [row for row in found if row.remark is Remark.WRONG]
    if not wrong:
        return None
    named = ", ".join(f"{row.question_id} ({row.truth!r})" for row in wrong[:SHOWN])
    more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    return (
        f"the scorer {scorer.kind} would mark {len(wrong)} true answers as wrong if a model gave "
        f"them; write them otherwise, or choose another scorer: {named}{more}"
    )


def checked_truths(
    questions: Sequence[Question], task: TaskOptions, scorer: ScorerOptions
) -> Iterator[CheckedTruth]:
    """The remarks in the order of the questions.

    Scores that need an embedder are left out. Questions without a reference have no remark.
    """
    rules = scorer.without_embedder()
    marking = rules.make(task, Material(questions, []))
    ambiguous_truths = {question.id: note for question, note in rules.ambiguous_truths(questions)}
    for question in questions:
        text = task.true_text(question)
        if text is not None and not _is_right(question, text, task, marking):
            yield _remark(question, task, Remark.WRONG, f"by {rules.kind}")
        if question.id in ambiguous_truths:
            yield _remark(question, task, Remark.AMBIGUOUS, ambiguous_truths[question.id])


def _is_right(question: Question, text: str, task: TaskOptions, scorer: Scorer) -> bool:
    parsed = task.for_question(question).parse(text)
    answer = Prediction(question.id, "truth", 1, parsed.status, parsed.answer, text, "")
    row = scored_row(scorer, question, answer)
    if row.outcome is not None:
        return row.outcome is Outcome.RIGHT
    if scorer.correct is not None:
        return True  # there is nothing to compare with
    overall = list(scorer.summarize({question.id: question}, [row]).values())[-1]
    return overall.value is None or overall.value >= _NEARLY


def _remark(question: Question, task: TaskOptions, remark: Remark, note: str) -> CheckedTruth:
    truth = question.reference.get(task.true_field, "")
    shown = truth if len(truth) <= _WIDTH else truth[:_WIDTH] + "..."
    return CheckedTruth(question.id, remark, shown, note)
