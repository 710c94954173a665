"""`modellab score`: score anybody's submission against the true answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from modellab.errors import InputError
from modellab.questions.wattbot import read_truth
from modellab.records import Metric, Question, RowScore
from modellab.scorers import SCORERS
from modellab.scorers.protocol import Scorer
from modellab.submissions import Matching, match, predictions, read_submission

#: how many wrong rows are shown
SHOWN = 5
Version = StrEnum("Version", {name: name for name in SCORERS["wattbot"]})


class Join(StrEnum):
    """What becomes of questions without a row."""

    OUTER = "outer"
    INNER = "inner"


@dataclass(frozen=True)
class Scoring:
    """All that one comparison of a submission with the truth gives."""

    scorer: str
    join: str
    metrics: Mapping[str, Metric]
    rows: Sequence[RowScore]
    questions: Mapping[str, Question]
    flags: Sequence[str]
    matching: Matching

    def coverage(self) -> float:
        """The share of questions that have a row."""
        return 1 - len(self.matching.missing) / len(self.questions)

    def by_flag(self) -> dict[str, dict[str, Any]]:
        """Value accuracy per kind of evidence that the truth has a column for."""
        found = {}
        for flag in self.flags:
            marks = [
                row.marks["value_correct"] == 1.0
                for row in self.rows
                if flag in self.questions[row.question_id].tags
            ]
            accuracy = sum(marks) / len(marks) if marks else None
            found[flag] = {"value_accuracy": accuracy, "n": len(marks), "correct": sum(marks)}
        return found


def score(
    truth: Annotated[Path, typer.Argument(help="CSV file with the true answers")],
    submission: Annotated[Path, typer.Argument(help="CSV file with the answers to score")],
    scorer: Annotated[Version, typer.Option(help="version of the rules")] = Version("v3"),
    join: Annotated[
        Join, typer.Option(help="outer: a missing row is wrong; inner: it is left out")
    ] = Join.OUTER,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
    strict: Annotated[
        bool, typer.Option(help="exit with 1 if ids are missing, extra or doubled")
    ] = False,
) -> None:
    """Score a submission in the WattBot format."""
    try:
        result = compare(truth, submission, SCORERS["wattbot"][scorer.value], join.value)
    except InputError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    for problem in result.matching.problems():
        typer.echo(f"warning: {submission}: {problem}", err=True)
    typer.echo(json.dumps(_as_json(result)) if as_json else "\n".join(_as_text(result)))
    if strict and result.matching.problems():
        raise typer.Exit(1)


def compare(truth: Path, submission: Path, scorer: Scorer, join: str) -> Scoring:
    """Score one file against another. Raises InputError when either cannot be read."""
    questions, flags = read_truth(truth)
    by_id = {question.id: question for question in questions}
    given = read_submission(submission)
    rows = [
        scorer.score(by_id[answer.question_id], answer)
        for answer in predictions(questions, given, join)
    ]
    if not rows:
        raise InputError(f"{submission}: no id is one of {truth}'s ({len(questions)} questions)")
    return Scoring(
        scorer=scorer.name,
        join=join,
        metrics=scorer.summarize(by_id, rows),
        rows=rows,
        questions=by_id,
        flags=flags,
        matching=match(list(by_id), given),
    )


def _as_json(result: Scoring) -> dict[str, Any]:
    return {
        **{name: metric.value for name, metric in result.metrics.items()},
        "n": len(result.rows),
        "coverage": result.coverage(),
        "n_na": result.metrics["na_recall"].n_scored,
        "scorer": result.scorer,
        "join": result.join,
        "missing": result.matching.missing,
        "extra": result.matching.extra,
        "duplicates": result.matching.duplicates,
        "flags": result.by_flag(),
    }


def _as_text(result: Scoring) -> list[str]:
    lines = [f"scorer {result.scorer}, join {result.join}"]
    lines += [
        f"{name:<15} {metric.value:.6f}  (n={metric.n_scored})"
        for name, metric in result.metrics.items()
    ]
    lines.append(f"{'coverage':<15} {result.coverage():.6f}")
    for flag, numbers in result.by_flag().items():
        if numbers["n"]:
            share = f"{numbers['value_accuracy']:.6f}"
            lines.append(f"  {flag:<13} {share}  (n={numbers['n']}, correct={numbers['correct']})")
    wrong = [row for row in result.rows if row.marks["value_correct"] != 1.0]
    if wrong:
        lines.append(f"wrong values ({min(SHOWN, len(wrong))} of {len(wrong)}):")
        lines += [_wrong(result, row) for row in wrong[:SHOWN]]
    return lines


def _wrong(result: Scoring, row: RowScore) -> str:
    truth = result.questions[row.question_id].truth["answer_value"]
    given = row.answer.get("answer_value")
    got = f"got {given!r}" if given is not None else row.status.value
    return f"  {row.question_id}: expected {truth!r}, {got}"
