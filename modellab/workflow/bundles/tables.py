"""The tables that follow from scores alone, and the comparison of tables and records.

Merged results get these tables; a bundle is verified by making them again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from modellab.core import layout
from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json
from modellab.core.layout import QUESTIONS, SUMMARY, VERDICT, table_file
from modellab.core.records import ModelScores
from modellab.evaluation.frame import read_dataset
from modellab.evaluation.statistics.options import StatisticsOptions
from modellab.evaluation.statistics.tables import StatisticsFiles
from modellab.reporting.dataset_tables import RankedFiles, write_ranked
from modellab.tasks.protocol import TaskOptions
from modellab.tasks.scorer import ScorerOptions

STATISTICS = StatisticsFiles(
    estimates=Path(table_file("statistics")),
    comparisons=Path(table_file("comparisons")),
    ranks=Path(table_file("ranks")),
    detectable=Path(table_file("minimum_detectable_effect")),
    noise=Path(table_file("noise_budget")),
)
LEADERBOARD = table_file("leaderboard")
_RANKED = (LEADERBOARD, layout.MARKDOWN, layout.LATEX, VERDICT)
#: all that `make_tables` makes, each after those that it is made from
TABLES = (
    *(str(path) for path in vars(STATISTICS).values()),
    *_RANKED,
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
    """Write all `TABLES` into the folder `out`, as a run does, and return the models' scores.

    Args:
        scored: The folder of a dataset, with questions and scores.
        models: The models in it, in the order of the config.
        task: Their task.
        scorer: The scorer of the answers.
        options: Intervals and tests.
        seed: The seed of the resampling.
        out: The folder to write into.
        missing: Models that the tables name as missing.
    """
    (out / layout.TABLES).mkdir(parents=True, exist_ok=True)
    files = StatisticsFiles(**{name: out / path for name, path in vars(STATISTICS).items()})
    summaries = [scored / SUMMARY.format(model=name) for name in models]
    rows = [path.with_suffix(".csv") for path in summaries]
    scores = read_dataset(scored / QUESTIONS, summaries, rows)
    places = RankedFiles(*(out / name for name in _RANKED))
    write_ranked(scores, task, scorer, options, seed, files, places, missing)
    return scores.models


Difference = tuple[str, Any, Any]


def first_difference(
    one: Any, other: Any, where: str = "", exact: bool = False
) -> Difference | None:
    """The first key by which plain data differ, with both values; a missing key counts as None.

    Unless `exact`, numbers (also those in text) may differ in their last digits, as between
    machines.
    """
    if isinstance(one, dict) and isinstance(other, dict):
        found = (
            first_difference(
                one.get(key), other.get(key), f"{where}.{key}" if where else str(key), exact
            )
            for key in dict.fromkeys([*one, *other])
        )
        return next(filter(None, found), None)
    same = one == other or (not exact and _is_close(one, other))
    return None if same else (where, one, other)


def _is_close(one: Any, other: Any) -> bool:
    try:
        return math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-12)
    except (TypeError, ValueError):
        return False


def table_difference(one: Path, other: Path) -> Difference | None:
    """The first difference of two tables, JSON records or texts."""
    return first_difference(_content(one), _content(other))


def _content(path: Path) -> dict[str, Any]:
    if path.suffix == ".json":
        return dict(read_json(path))
    if path.suffix == ".csv":
        rows: Sequence[Any] = [dict(row) for row in read_csv(path).rows]
    else:
        rows = path.read_text(encoding="utf-8").splitlines()
    return {"rows": len(rows), **{f"row {n}": row for n, row in enumerate(rows, start=1)}}


def shown(value: Any, width: int = 60) -> str:
    """A value in a message."""
    text = "missing" if value is None else repr(value)
    return text if len(text) <= width else f"{text[:width]}..."
