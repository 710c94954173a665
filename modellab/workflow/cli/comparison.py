"""Scoring a submission against reference answers, and detecting swapped files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.io.csv_file import CsvTable
from modellab.core.io.delimited import read_delimited
from modellab.core.records import EXTERNAL, Metric, Outcome, Prediction, Question, RowScore, Status
from modellab.core.text.blank import is_blank
from modellab.evaluation.score import scored_row
from modellab.models.submission_files import (
    MissingRows,
    SubmissionRow,
    read_submission,
)
from modellab.models.submission_matching import Matched, match
from modellab.questions.wattbot import known_flags, read_truth
from modellab.tasks import parse_task
from modellab.tasks.scorer import Material, ScorerOptions, make_scorer
from modellab.tasks.wattbot.task import FLAGS, answered


def submitted_predictions(matched: Matched, missing: MissingRows = "incorrect") -> list[Prediction]:
    """The answers of a submission to score.

    - incorrect: one per question; the first row of a duplicate id counts, a missing row is MISSING
    - ignore: one per row that has a question, as published numbers were made: missing rows
      are left out, duplicate ids count once per row
    """
    if missing == "incorrect":
        return [
            _prediction(rows[0], 1)
            if rows
            else Prediction(name, EXTERNAL, 1, Status.MISSING, {}, None, "")
            for name, rows in matched.rows.items()
        ]
    return [
        _prediction(row, repeat)
        for rows in matched.rows.values()
        for repeat, row in enumerate(rows, start=1)
    ]


def _prediction(row: SubmissionRow, repeat: int) -> Prediction:
    parsed = answered(row.cells)
    return Prediction(row.id, EXTERNAL, repeat, parsed.status, parsed.answer, None, "")


#: characters of a value that a message shows
WIDTH = 60
#: columns of reference answers only: kinds of evidence, and the parts of a leaderboard
_TRUTH_ONLY = (*FLAGS, "Usage")
#: columns of a run's answers only
_RUN_ONLY = (
    *("latency_seconds", "prompt_tokens", "completion_tokens", "confidence", "cost_usd", "raw"),
)
#: columns that are filled in reference answers, and seldom by models
_EVIDENCE = ("ref_url", "supporting_materials")
_KNOWN = ("id", "question", "answer_value", "ref_id", *_TRUTH_ONLY, *_RUN_ONLY, *_EVIDENCE)
#: difference between shares of rows with evidence from which a note is printed
_NOTABLE = 0.1


@dataclass(frozen=True)
class FlagAccuracy:
    """The number of rows with a kind of evidence, and of right ones (see `Outcome`)."""

    n: int
    right: int

    @property
    def accuracy(self) -> float | None:
        """From 0 to 1; None without rows."""
        return self.right / self.n if self.n else None


@dataclass(frozen=True)
class ScoredSubmission:
    """One submission, scored by one version of the rules."""

    scorer: str
    missing: MissingRows
    questions: Mapping[str, Question]
    matched: Matched
    rows: Sequence[RowScore]
    metrics: Mapping[str, Metric]

    def flags(self) -> dict[str, FlagAccuracy]:
        """By kind of evidence with a column in the reference; a row may have several."""
        found = {}
        for flag in known_flags(list(self.questions.values())):
            rows = [row for row in self.rows if flag in self.questions[row.question_id].tags]
            right = sum(row.outcome == Outcome.RIGHT for row in rows)
            found[flag] = FlagAccuracy(len(rows), right)
        return found

    def wrong(self) -> list[tuple[str, str]]:
        """The id of each row that lost weight, and why."""
        reasons = ((row.question_id, "; ".join(self._reasons(row))) for row in self.rows)
        return [(name, reason) for name, reason in reasons if reason]

    def _reasons(self, row: RowScore) -> Iterator[str]:
        if row.status == Status.MISSING:
            yield "no row"
            return
        truth, answer, marks = self.questions[row.question_id].reference, row.answer, row.marks
        if marks["value_correct"] != 1.0:
            expected, got = _short(truth, "answer_value"), _short(answer, "answer_value")
            yield f"value: expected {expected}, got {got}"
        if marks["na_correct"] != 1.0:
            yield f"no answer exists, got {_short(answer, 'answer_value')}"
        if marks["ref_score"] != 1.0:
            yield f"references: expected {_short(truth, 'ref_id')}, got {_short(answer, 'ref_id')}"


def compare_files(
    truth: Path, submission: Path, options: ScorerOptions, missing: MissingRows
) -> ScoredSubmission:
    """Score a file of answers against a file of reference answers.

    Raises InputError for an invalid file, and if no row is left without the missing ones.
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
    return ScoredSubmission(scorer.name, missing, questions, matched, rows, metrics)


def _short(cells: Mapping[str, str], name: str) -> str:
    """A cell in quotes, cut to a line's length; control characters are escaped."""
    text = cells[name]
    return repr(text if len(text) <= WIDTH else text[:WIDTH] + "...")


def check_order(truth: Path, submission: Path) -> list[str]:
    """Notes on how the two files were read, and on whether they may be swapped.

    Raises InputError if one file has columns or evidence that only the other could have.
    """
    read = [(path, read_delimited(path, _KNOWN)) for path in (truth, submission)]
    notes = [f"{path}: {note}" for path, found in read for note in found.notes]
    (_, given), (_, answers) = read
    signs = list(_signs_of_swapping(truth, given, submission, answers))
    if signs:
        raise InputError(
            f"{'; '.join(signs)}: the two files are swapped. "
            f"The truth comes first: modellab score {submission} {truth}"
        )
    more = [_share(answers, name) - _share(given, name) for name in _EVIDENCE]
    ask = f"are the files swapped? The truth comes first, and is taken to be {truth}"
    if {*_EVIDENCE} <= {*given.columns} & {*answers.columns} and max(more) > _NOTABLE:
        notes.append(f"more rows of {submission} name their evidence; {ask}")
    elif "question" in answers.columns and "question" not in given.columns:
        notes.append(f"only {submission} has the questions' texts; {ask}")
    return notes


def _signs_of_swapping(
    truth: Path, given: CsvTable, submission: Path, answers: CsvTable
) -> Iterator[str]:
    true = [name for name in _TRUTH_ONLY if name in answers.columns]
    made = [name for name in _RUN_ONLY if name in given.columns and name not in answers.columns]
    if true and not {*_TRUTH_ONLY} & {*given.columns}:
        yield f"{submission} has {', '.join(true)}, as true answers have"
    if made:
        yield f"{truth} has {', '.join(made)}, as answers of a model have"
    if (
        {*_EVIDENCE} <= {*given.columns}
        and all(_share(answers, name) > 0.5 for name in _EVIDENCE)
        and not any(_share(given, name) for name in _EVIDENCE)
    ):
        yield f"{submission} names the evidence ({', '.join(_EVIDENCE)}), {truth} nowhere"


def _share(table: CsvTable, name: str) -> float:
    """The share of rows with something in a column, from 0 to 1."""
    filled = sum(not is_blank(row.get(name, "")) for row in table.rows)
    return filled / len(table.rows) if table.rows else 0.0
