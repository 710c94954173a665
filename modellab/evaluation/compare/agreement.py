"""Agreement of systems, difficulty of questions, and wins of one system alone."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modellab.core.io.frames import write_frame
from modellab.core.records import NO_ANSWER, Outcome
from modellab.evaluation.compare.entries import ENSEMBLE
from modellab.evaluation.compare.score_files import FIRST_REPEAT
from modellab.evaluation.frame import Scores
from modellab.tasks import canonical_answer
from modellab.tasks.canonical import CanonicalAnswer

#: no answer, and no outcome
NONE = -1
Grid = NDArray[np.int32]
AGREEMENT_COLUMNS = ("system_a", "system_b", "kind", "agreement", "n")


def write_agreement(
    scores: Scores, kind: str, agreement: Path, difficulty: Path, wins: Path
) -> None:
    """Write pairs of all systems, and difficulty and wins among contenders alone.

    `kind` is that of the task.
    """
    write_frame(agreement, agreement_table(scores, canonical_answer(kind)))
    write_frame(difficulty, difficulty_table(scores))
    write_frame(wins, wins_table(scores))


def answer_grid(scores: Scores, canonical: CanonicalAnswer) -> Grid:
    """(systems, questions): equal numbers stand for equal answers; NONE where there is none."""
    answered = scores.first[~scores.first["status"].isin(NO_ANSWER)]
    codes, texts = pd.factorize(answered[canonical.field])
    numbers, _ = pd.factorize(
        np.array([canonical.of({canonical.field: text}) for text in texts], dtype=object)
    )
    return scores.grid(answered, numbers[codes], NONE)


def correct_grid(scores: Scores) -> Grid:
    """(systems, questions): 1 where the outcome is right, 0 where it is another, NONE without.

    NONE also for systems whose scorer does not say when an answer is right.
    """
    graded = [model.name for model in scores.models if model.correct is not None]
    known = scores.first[scores.first["outcome"].notna() & scores.first["model"].isin(graded)]
    return scores.grid(known, known["outcome"] == Outcome.RIGHT, NONE)


def agreement_table(scores: Scores, canonical: CanonicalAnswer) -> pd.DataFrame:
    """Agreement of each pair, then of all contenders together (both names are empty).

    `answers`: the share of equal answers among the `n` questions that all of them answered;
    abstaining is an answer. `correctness`: the share of questions that all are right on or all
    wrong, among those that have an outcome for all.
    """
    names = [entry.name for entry in scores.entries]
    contenders = np.flatnonzero([not entry.control for entry in scores.entries])
    found = []
    for kind, grid in (
        ("answers", answer_grid(scores, canonical)),
        ("correctness", correct_grid(scores)),
    ):
        for a, b in combinations(range(len(names)), 2):
            found.append((names[a], names[b], kind, *_agreement(grid[[a, b]])))
        if len(contenders) > 1:
            found.append(("", "", kind, *_agreement(grid[contenders])))
    return pd.DataFrame(found, columns=list(AGREEMENT_COLUMNS))


def _agreement(grid: Grid) -> tuple[float, int]:
    known = grid[:, (grid != NONE).all(axis=0)]
    n = known.shape[1]
    same = (known == known[:1]).all(axis=0).sum()
    return same / n if n else np.nan, n


def difficulty_table(scores: Scores) -> pd.DataFrame:
    """A row per question, the one that most contenders fail first; else in the dataset's order.

    `wrong` counts the systems whose outcome is not right. `pattern` is unanimous_error,
    unique_win, unique_error, all_right or empty.
    """
    competing = ~scores.controls
    names = np.array([entry.name for entry in scores.entries], dtype=object)[competing]
    grid = correct_grid(scores)[competing]
    right, wrong = (grid == 1).sum(axis=0), (grid == 0).sum(axis=0)
    marked = right + wrong
    statuses = scores.first[~scores.first["status"].isin(NO_ANSWER)]
    answered = scores.grid(statuses, 1, 0)[competing].sum(axis=0)
    asked = scores.grid(scores.rows[scores.rows["repeat"] == FIRST_REPEAT], 1, 0)[competing]
    table = pd.DataFrame(
        {
            "question_id": [question.id for question in scores.questions],
            "question": [question.text for question in scores.questions],
            "tags": [";".join(question.tags) for question in scores.questions],
            "systems": marked,
            "wrong": wrong,
            "right": right,
            "no_answer": asked.sum(axis=0) - answered,
            "share_wrong": np.where(marked > 0, wrong / np.maximum(marked, 1), np.nan),
            "pattern": np.select(
                [(right == 0) & (wrong > 0), (wrong == 0) & (right > 0), right == 1, wrong == 1],
                ["unanimous_error", "all_right", "unique_win", "unique_error"],
                "",
            ),
            "right_only": _only(names, grid == 1, marked),
            "wrong_only": _only(names, grid == 0, marked),
        }
    )
    return table.sort_values("share_wrong", ascending=False, kind="stable", na_position="last")


def _only(
    names: NDArray[np.object_], found: NDArray[np.bool_], marked: NDArray[np.int_]
) -> NDArray[np.object_]:
    """By question the name of the one system of several that is found; "" where others are too."""
    if not len(names):
        return np.full(len(marked), "", dtype=object)
    alone = (found.sum(axis=0) == 1) & (marked > 1)
    return np.where(alone, names[found.argmax(axis=0)], "")


def wins_table(scores: Scores) -> pd.DataFrame:
    """Per contender the questions that it alone is right on, or alone wrong on; most wins first.

    An ensemble repeats answers of the others: it takes no win from them.
    """
    competing = np.flatnonzero(~scores.controls)
    entries = [scores.entries[place] for place in competing]
    grid = correct_grid(scores)[competing]
    ids = np.array([question.id for question in scores.questions], dtype=object)
    ensemble = np.array([entry.model.llm_provider == ENSEMBLE for entry in entries], dtype=bool)
    rows = []
    for place, entry in enumerate(entries if len(entries) > 1 else ()):
        among = np.ones_like(ensemble) if ensemble[place] else ~ensemble
        enough = (grid[among] != NONE).sum(axis=0) > 1
        won, lost = (
            (grid[place] == value) & ((grid[among] == value).sum(axis=0) == 1) & enough
            for value in (1, 0)
        )
        known = (grid[place] != NONE) & enough
        rows.append(
            {
                "system": entry.name,
                "unique_wins": won.sum(),
                "unique_errors": lost.sum(),
                "n": known.sum(),
                "won_ids": ";".join(ids[won]),
                "lost_ids": ";".join(ids[lost]),
            }
        )
    columns = ["system", "unique_wins", "unique_errors", "n", "won_ids", "lost_ids"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("unique_wins", ascending=False, kind="stable")
