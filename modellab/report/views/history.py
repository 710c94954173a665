"""History: earlier runs, and what they gave."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modellab.report.blocks import Block, Cell, Column, Empty, Table
from modellab.report.numbers import plain, seconds
from modellab.report.results import DatasetResults
from modellab.report.tables import from_csv, label
from modellab.report.views.protocol import View
from modellab.storage.csvfile import read_csv


def build(results: DatasetResults) -> list[Block]:
    blocks = _registry(results)
    if not blocks:
        blocks = [
            Empty(
                "There is no registry of earlier runs in this results folder, so scores over time "
                "cannot be shown. Below: the runs that the answers of today come from."
            )
        ]
    runs = [(model, one) for model, run in results.runs.items() for one in run.get("runs") or ()]
    return [*blocks, *([_runs(runs)] if runs else [])]


def registry_tables(results_folder: Path) -> dict[str, Path]:
    """The tables of the registry of runs, by name."""
    return {path.stem: path for path in sorted((results_folder / "registry").glob("*.csv"))}


def _registry(results: DatasetResults) -> list[Block]:
    """The rows of the registry that are about this dataset."""
    blocks: list[Block] = []
    for name, path in registry_tables(results.folder.parent).items():
        every, own = read_csv(path).rows, results.dataset
        rows = [row for row in every if row.get("dataset", own) == own]
        if rows:
            title = label(name).capitalize()
            blocks.append(from_csv(title, rows[::-1], f"../../registry/{path.name}"))
    return blocks


def _runs(runs: list[tuple[str, Mapping[str, Any]]]) -> Table:
    ordered = sorted(runs, key=lambda pair: str(pair[1].get("timestamp", "")), reverse=True)
    columns = [
        Column("made at"),
        Column("model"),
        Column("rows of today", True, "answers of this run that are still used"),
        Column("answers made", True),
        Column("seconds", True),
        Column("ended"),
    ]
    body = [
        [
            Cell(str(run.get("timestamp", ""))),
            Cell(model),
            Cell(plain(run.get("rows")), run.get("rows")),
            Cell(plain(run.get("generated")), run.get("generated")),
            Cell(seconds(run.get("wall_seconds")), run.get("wall_seconds")),
            Cell("yes" if run.get("ended") else "killed, or still going"),
        ]
        for model, run in ordered
    ]
    return Table("Runs behind the answers", columns, body)


VIEW = View("history", "History", build)
