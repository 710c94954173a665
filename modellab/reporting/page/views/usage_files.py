"""Reading what users asked: the three views on it share this."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json
from modellab.reporting.page.blocks import Empty
from modellab.reporting.page.results import DatasetResults, Row

NO_USAGE = Empty(
    "No questions of real users were looked at: the section usage of the config names their table "
    "(docs/usage.md tells how)."
)


def usage_json(results: DatasetResults, file: str) -> dict[str, Any]:
    """The content of a file by the name of its usage, those that are there."""
    paths = {name: folder / file for name, folder in results.usage.items()}
    return {name: read_json(path) for name, path in paths.items() if path.is_file()}


def usage_table(folder: Path, file: str) -> tuple[Row, ...]:
    path = folder / file
    return read_csv(path).rows if path.is_file() else ()


def usage_file(name: str, file: str) -> str:
    """The address of a file, seen from the page."""
    return f"../../usage/{name}/tables/{file}"
