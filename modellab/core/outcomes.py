"""Outcomes of answers, and precision and recall of abstentions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from modellab.core.records import NO_ANSWER, Metric, Outcome, Question, RowScore, Status


def with_outcome(row: RowScore, question: Question, correct: str | None) -> RowScore:
    """The row with its outcome; `correct` names the mark that is 1 for a right answer.

    The only right response to an unanswerable question is to abstain, in every task and whatever
    the marks say.
    """
    return replace(row, outcome=_outcome(row, question.unanswerable, correct))


def _outcome(row: RowScore, unanswerable: bool, correct: str | None) -> Outcome | None:
    if row.status == Status.MISSING:
        return Outcome.MISSING
    if row.status in NO_ANSWER:
        return Outcome.FAILED
    if row.status == Status.ABSTAINED:
        return Outcome.RIGHT if unanswerable else Outcome.DECLINED
    if unanswerable:
        return Outcome.HALLUCINATED
    mark = row.marks[correct] if correct else None
    if mark is None:
        return None
    return Outcome.RIGHT if mark == 1.0 else Outcome.WRONG


def count_outcomes(rows: Sequence[RowScore]) -> dict[str, int]:
    """The number of rows by outcome; rows without one are not counted."""
    counts = Counter(row.outcome for row in rows)
    return {outcome.value: counts[outcome] for outcome in Outcome}


def abstention_precision(questions: Mapping[str, Question], rows: Sequence[RowScore]) -> Metric:
    """The share of abstentions that are right, from 0 to 1; None where there is none."""
    abstained = [row for row in rows if row.status == Status.ABSTAINED]
    return _share_right(questions, abstained, abstained)


def abstention_recall(questions: Mapping[str, Question], rows: Sequence[RowScore]) -> Metric:
    """The share of rows of unanswerable questions that abstain, from 0 to 1.

    A row without an answer is not an abstention. None where no question is unanswerable.
    """
    asked = [row for row in rows if questions[row.question_id].unanswerable]
    return _share_right(questions, asked, [r for r in asked if r.status == Status.ABSTAINED])


def _share_right(
    questions: Mapping[str, Question], rows: Sequence[RowScore], abstained: Sequence[RowScore]
) -> Metric:
    right = sum(questions[row.question_id].unanswerable for row in abstained)
    failed = sum(row.status in NO_ANSWER for row in rows)
    return Metric(right / len(rows) if rows else None, len(rows), failed)
