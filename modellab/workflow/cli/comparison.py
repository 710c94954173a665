"""A submission beside the true answers: marks, metrics, and what did not meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.records import Metric, Outcome, Question, RowScore, Status
from modellab.evaluation.score import scored_row
from modellab.models.submission_files import Matched, MissingRows, match, read_submission
from modellab.questions.wattbot import known_flags, read_truth
from modellab.tasks import parse_task
from modellab.tasks.metrics import make_scorer
from modellab.tasks.scorer import Material, ScorerOptions
from modellab.tasks.wattbot.submissions import submitted_predictions

#: characters of a value that a message shows
WIDTH = 60


@dataclass(frozen=True)
class FlagAccuracy:
    """How many of the rows with one kind of evidence are right (see `Outcome`)."""

    n: int
    right: int

    @property
    def accuracy(self) -> float | None:
        """From 0 to 1; None without rows."""
        return self.right / self.n if self.n else None


@dataclass(frozen=True)
class Comparison:
    """One submission, scored by one version of the rules."""

    scorer: str
    missing: MissingRows
    questions: Mapping[str, Question]
    matched: Matched
    rows: Sequence[RowScore]
    metrics: Mapping[str, Metric]

    def flags(self) -> dict[str, FlagAccuracy]:
        """By kind of evidence, for those that the truth has a column for; a row may have many."""
        return {flag: self._flag(flag) for flag in known_flags(list(self.questions.values()))}

    def wrong(self) -> list[tuple[str, str]]:
        """The id of each row that lost weight, and why."""
        reasons = ((row.question_id, "; ".join(self._reasons(row))) for row in self.rows)
        return [(name, reason) for name, reason in reasons if reason]

    def _flag(self, flag: str) -> FlagAccuracy:
        outcomes = [
            row.outcome for row in self.rows if flag in self.questions[row.question_id].tags
        ]
        return FlagAccuracy(len(outcomes), outcomes.count(Outcome.RIGHT))

    def _reasons(self, row: RowScore) -> Iterator[str]:
        if row.status == Status.MISSING:
            yield "no row"
            return
        truth, answer, marks = self.questions[row.question_id].truth, row.answer, row.marks
        if marks["value_correct"] != 1.0:
            yield f"value: expected {_short(truth, 'answer_value')}, got " + _short(
                answer, "answer_value"
            )
        if marks["na_correct"] != 1.0:
            yield f"no answer exists, got {_short(answer, 'answer_value')}"
        if marks["ref_score"] != 1.0:
            yield f"references: expected {_short(truth, 'ref_id')}, got {_short(answer, 'ref_id')}"


def compare_files(
    truth: Path, submission: Path, options: ScorerOptions, missing: MissingRows
) -> Comparison:
    """Score a file of answers against a file of true ones.

    Raises InputError where one of them cannot be read, and where ignoring missing rows leaves none.
    """
    task = parse_task(options.task)
    questions = {question.id: question for question in read_truth(truth)}
    for question in questions.values():
        if problem := task.refuse(question):
            raise InputError(f"{question.source}: {problem}")
    matched = match(list(questions.values()), read_submission(submission))
    answers = submitted_predictions(matched, missing)
    if not answers:
        raise InputError(f"{submission}: none of its ids is one of the questions' in {truth}")
    scorer = make_scorer(options, task, Material(list(questions.values()), answers))
    rows = [scored_row(scorer, questions[answer.question_id], answer) for answer in answers]
    metrics = scorer.summarize(questions, rows)
    return Comparison(scorer.name, missing, questions, matched, rows, metrics)


def _short(cells: Mapping[str, str], name: str) -> str:
    """A cell in quotes, cut to a line's length; control characters are escaped."""
    text = cells[name]
    return repr(text if len(text) <= WIDTH else text[:WIDTH] + "...")
