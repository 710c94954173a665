"""The table of what users asked."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv, read_utf8
from modellab.core.io.sql.rows import query_rows
from modellab.evaluation.query_log.options import QueryLogOptions

#: a table row: where it stands, and its cells
Row = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Asked:
    """One question that a user asked; `answer` is empty and `score` None where there is none."""

    text: str
    answer: str = ""
    score: float | None = None


@dataclass(frozen=True)
class AskedTable:
    """The questions, and how many rows hold none."""

    asked: tuple[Asked, ...]
    empty_rows: int


def read_asked(options: QueryLogOptions) -> AskedTable:
    """Read the table. Rows without a question are counted.

    Raises InputError (file, row) for a missing column, a score that is no number, and a table
    without a question.
    """
    where, rows = _rows(options)
    found = [_asked(place, row, options) for place, row in rows]
    asked = tuple(one for one in found if one.text)
    if not asked:
        raise InputError(f"{where}: no row has a question in {options.question_column!r}")
    return AskedTable(asked, len(found) - len(asked))


def _rows(options: QueryLogOptions) -> tuple[str, list[Row]]:
    if options.sql is not None:
        where, found = query_rows(options.sql)
        return where, [(f"{where}: row {number}", row) for number, row in enumerate(found, start=1)]
    assert options.questions is not None
    path = options.questions
    if path.suffix.lower() in (".jsonl", ".json"):
        return str(path), list(_json_rows(path))
    table = read_csv(path, (options.question_column,))
    lines = zip(table.lines, table.rows, strict=True)
    return str(path), [(f"{path}:{line}", row) for line, row in lines]


def _json_rows(path: Path) -> Iterator[Row]:
    for number, line in enumerate(read_utf8(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"{path}:{number}: not valid JSON ({error})") from None
        if not isinstance(row, dict):
            raise InputError(f"{path}:{number}: must be an object")
        yield f"{path}:{number}", row


def _asked(place: str, row: Mapping[str, Any], options: QueryLogOptions) -> Asked:
    return Asked(
        text=_text(place, row, options.question_column),
        answer=_text(place, row, options.answer_column) if options.answer_column else "",
        score=_score(place, row, options.score_column) if options.score_column else None,
    )


def _cell(place: str, row: Mapping[str, Any], name: str) -> Any:
    if name not in row:
        raise InputError(f"{place}: no column {name!r} (found: {', '.join(map(str, row))})")
    return row[name]


def _text(place: str, row: Mapping[str, Any], name: str) -> str:
    value = _cell(place, row, name)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{place}: {name!r} must be text, not {type(value).__name__}")
    return (value or "").strip()


def _score(place: str, row: Mapping[str, Any], name: str) -> float | None:
    value = _cell(place, row, name)
    if value is None or value == "":
        return None
    try:
        score = float(value)
    except (TypeError, ValueError):
        score = math.nan
    if not math.isfinite(score):
        raise InputError(f"{place}: {name!r} must be a number or empty, not {value!r}")
    return score
