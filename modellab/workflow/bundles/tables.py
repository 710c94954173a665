"""The tables that follow from scores alone: statistics, leaderboard, verdict.

They are made of merged results, and made again to verify a bundle.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json
from modellab.core.records import ModelScores
from modellab.evaluation.frame import read_dataset
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.evaluation.statistics.tables import StatisticsFiles
from modellab.reporting.dataset_tables import RankedFiles, write_ranked
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import ScorerOptions

STATISTICS = StatisticsFiles(
    estimates=Path("statistics.csv"),
    comparisons=Path("comparisons.csv"),
    ranks=Path("ranks.csv"),
    detectable=Path("minimum_detectable_effect.csv"),
    noise=Path("noise_budget.csv"),
)
LEADERBOARD, VERDICT = "leaderboard.csv", "verdict.json"
#: all that `make_tables` makes, in the order in which one follows from another
TABLES = (
    *(str(path) for path in vars(STATISTICS).values()),
    *(LEADERBOARD, VERDICT, "leaderboard.md", "leaderboard.tex"),
)


def make_tables(
    scored: Path,
    models: Sequence[str],
    task: TaskOptions,
    scorer: ScorerOptions,
    options: StatisticsOptions,
    seed: int,
    out: Path,
    missing: Sequence[str] = (),
) -> tuple[ModelScores, ...]:
    """Write all `TABLES` into the folder `out`, as a run does, and give the models' scores.

    Args:
        scored: The folder of a dataset, with `questions.jsonl` and `scores`.
        models: The models in it, in the order of the config.
        task: The task that they did.
        scorer: What they were scored by.
        options: How intervals and tests are made.
        seed: Of what is drawn at random in them.
        out: The folder to write into.
        missing: Models that the tables must say that they go without.
    """
    out.mkdir(parents=True, exist_ok=True)
    files = StatisticsFiles(**{name: out / path for name, path in vars(STATISTICS).items()})
    summaries = [scored / "scores" / f"{name}.json" for name in models]
    rows = [path.with_suffix(".csv") for path in summaries]
    scores = read_dataset(scored / "questions.jsonl", summaries, rows)
    ranked = (LEADERBOARD, "leaderboard.md", "leaderboard.tex", VERDICT)
    places = RankedFiles(*(out / name for name in ranked))
    write_ranked(scores, task, scorer, options, seed, files, places, missing)
    return scores.models


def difference(said: Path, made: Path) -> str | None:
    """Where two files of a table differ, in a few words; None where they are the same."""
    one, other = _rows(said), _rows(made)
    if len(one) != len(other):
        return f"{len(one)} rows, not {len(other)}"
    for number, (row, again) in enumerate(zip(one, other, strict=True), start=1):
        for name in dict.fromkeys([*row, *again]):
            cell, cell_again = row.get(name), again.get(name)
            if cell is None or cell_again is None or not same_text(cell, cell_again):
                return f"row {number}, {name}: {_short(cell)}, not {_short(cell_again)}"
    return None


def _rows(path: Path) -> Sequence[Mapping[str, str]]:
    """The rows of a table; the keys of JSON are one, and each line of a text is one."""
    if path.suffix == ".csv":
        return read_csv(path).rows
    if path.suffix == ".json":
        return [{str(name): str(value) for name, value in read_json(path).items()}]
    return [{"text": line} for line in path.read_text(encoding="utf-8").splitlines()]


def same_text(one: str, other: str) -> bool:
    """Equal, or numbers that differ by no more than another machine's last digits."""
    if one == other:
        return True
    try:
        return math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-12)
    except ValueError:
        return False


def same_row(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return one.keys() == other.keys() and all(same_text(one[key], other[key]) for key in one)


def _short(text: str | None, width: int = 60) -> str:
    if text is None:
        return "nothing"
    return repr(text if len(text) <= width else f"{text[:width]}...")
