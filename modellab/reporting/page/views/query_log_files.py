"""Reading what users asked: the three views on it share this."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from modellab.core.io.csv_file import read_csv
from modellab.core.io.jsonl import read_json
from modellab.reporting.page.results import DatasetResults, Row

NO_QUERY_LOGS = "a log of real questions (section `query_logs`, docs/query-logs.md)"


def query_log_json(results: DatasetResults, file: str) -> dict[str, Any]:
    """The content of a file by the name of its usage, those that are there."""
    paths = {name: folder / file for name, folder in results.query_logs.items()}
    return {name: read_json(path) for name, path in paths.items() if path.is_file()}


def query_log_table(folder: Path, file: str) -> tuple[Row, ...]:
    path = folder / file
    return read_csv(path).rows if path.is_file() else ()


def query_log_file(name: str, file: str) -> str:
    """The address of a file, seen from the page."""
    return f"../../query_logs/{name}/tables/{file}"
