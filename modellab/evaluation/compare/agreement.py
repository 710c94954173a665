"""How far systems agree, which questions are hard, and what one system alone gets right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from modellab.core.io.csv_file import write_csv
from modellab.core.records import Question
from modellab.core.text.spreadsheet import harmless
from modellab.evaluation.compare.marks import NONE, Marks

Row = dict[str, object]
AGREEMENT_COLUMNS = ("system_a", "system_b", "kind", "agreement", "n")
DIFFICULTY_COLUMNS = (
    *("question_id", "question", "tags", "systems", "wrong", "right", "no_answer"),
    *("share_wrong", "pattern", "right_only", "wrong_only"),
)
WINS_COLUMNS = ("system", "unique_wins", "unique_errors", "n", "won_ids", "lost_ids")


def write_agreement(
    questions: Sequence[Question], marks: Marks, agreement: Path, difficulty: Path, wins: Path
) -> None:
    """Pairs of all systems; difficulty and wins among the contenders alone."""
    write_csv(agreement, AGREEMENT_COLUMNS, agreement_rows(marks))
    write_csv(difficulty, DIFFICULTY_COLUMNS, difficulty_rows(questions, marks.contenders()))
    write_csv(wins, WINS_COLUMNS, win_rows(questions, marks.contenders()))


def agreement_rows(marks: Marks) -> list[Row]:
    """Agreement of each pair, then of all contenders together (both names are empty).

    `answers`: the share of equal answers among the `n` questions that all of them answered, to
    say that there is no answer being an answer. `correctness`: the share of questions that all
    are right on or all wrong, among those that are marked for all.
    """
    kinds = {"answers": marks.answers, "correctness": marks.correct}
    rows: list[Row] = []
    for kind, values in kinds.items():
        for one, other in combinations(range(len(marks.systems)), 2):
            names = (marks.systems[one], marks.systems[other])
            rows.append(_agreement(kind, names, values[[one, other]]))
        if (~marks.controls).sum() > 1:
            rows.append(_agreement(kind, ("", ""), values[~marks.controls]))
    return rows


def difficulty_rows(questions: Sequence[Question], marks: Marks) -> list[Row]:
    """A row per question, the one that most systems fail first; else in the dataset's order.

    `wrong` counts the systems whose outcome is not right. `pattern` is unanimous_error,
    unique_win, unique_error, all_right or empty.
    """
    rows = [_difficulty(question, place, marks) for place, question in enumerate(questions)]
    return sorted(rows, key=lambda row: -_number(row["share_wrong"]))


def win_rows(questions: Sequence[Question], marks: Marks) -> list[Row]:
    """For each system the questions that it alone is right on, or alone wrong; most wins first.

    An ensemble takes no win from the others, whose answers it gives; it wins alone where all are
    wrong.
    """
    if len(marks.systems) < 2:
        return []
    rows = []
    for place, name in enumerate(marks.systems):
        among = np.ones_like(marks.ensembles) if marks.ensembles[place] else ~marks.ensembles
        enough = (marks.correct[among] != NONE).sum(axis=0) > 1
        won, lost = (alone(marks.correct == mark, place, among) & enough for mark in (1, 0))
        known = int(((marks.correct[place] != NONE) & enough).sum())
        rows.append(_wins(questions, name, won, lost) | {"n": known})
    return sorted(rows, key=lambda row: -_number(row["unique_wins"]))


def alone(found: NDArray[np.bool_], place: int, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The questions (systems, questions) that one system finds and nobody else among these."""
    only: NDArray[np.bool_] = found[place] & (found[among].sum(axis=0) == 1)
    return only


def _agreement(kind: str, names: tuple[str, str], values: NDArray[np.intp]) -> Row:
    known = values[:, np.all(values != NONE, axis=0)]
    n = known.shape[1]
    same = int(np.all(known == known[:1], axis=0).sum())
    return dict(zip(AGREEMENT_COLUMNS, (*names, kind, same / n if n else None, n), strict=True))


def _difficulty(question: Question, place: int, marks: Marks) -> Row:
    column = marks.correct[:, place]
    right, wrong = _names(marks, column == 1), _names(marks, column == 0)
    marked = len(right) + len(wrong)
    return {
        "question_id": question.id,
        "question": harmless(question.text),
        "tags": ";".join(question.tags),
        "systems": marked,
        "wrong": len(wrong),
        "right": len(right),
        "no_answer": int((marks.answers[:, place] == NONE).sum()),
        "share_wrong": len(wrong) / marked if marked else None,
        "pattern": _pattern(len(right), len(wrong)),
        "right_only": right[0] if len(right) == 1 and marked > 1 else "",
        "wrong_only": wrong[0] if len(wrong) == 1 and marked > 1 else "",
    }


def _pattern(right: int, wrong: int) -> str:
    if not right or not wrong:
        return "unanimous_error" if wrong else "all_right" if right else ""
    return "unique_win" if right == 1 else "unique_error" if wrong == 1 else ""


def _names(marks: Marks, chosen: NDArray[np.bool_]) -> list[str]:
    return [name for name, yes in zip(marks.systems, chosen, strict=True) if yes]


def _wins(
    questions: Sequence[Question], name: str, won: NDArray[np.bool_], lost: NDArray[np.bool_]
) -> Row:
    def ids(chosen: NDArray[np.bool_]) -> Iterator[str]:
        return (q.id for q, yes in zip(questions, chosen, strict=True) if yes)

    return {
        "system": name,
        "unique_wins": int(won.sum()),
        "unique_errors": int(lost.sum()),
        "won_ids": ";".join(ids(won)),
        "lost_ids": ";".join(ids(lost)),
    }


def _number(cell: object) -> float:
    return float(cell) if isinstance(cell, int | float) else -1.0
