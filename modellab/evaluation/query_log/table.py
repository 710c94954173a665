"""The table of what users asked."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.columns import require_columns
from modellab.core.io.sql.rows import query_rows
from modellab.core.io.table_file import read_table
from modellab.evaluation.query_log.options import QueryLogOptions

log = logging.getLogger(__name__)

#: a row of a table: its place, and its cells
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
    names = (options.question_column, options.answer_column, options.score_column)
    wanted = [name for name in names if name is not None]
    scores = [options.score_column] if options.score_column else []
    file = read_table(path, wanted, wanted, numbers=scores)
    require_columns(path, file.columns, wanted)
    if file.notes:
        log.info("%s: %s", path, "; ".join(file.notes))
    return str(path), list(file.rows)


def _asked(place: str, row: Mapping[str, Any], options: QueryLogOptions) -> Asked:
    return Asked(
        text=_text(place, row, options.question_column),
        answer=_text(place, row, options.answer_column) if options.answer_column else "",
        score=_score(place, row, options.score_column) if options.score_column else None,
    )


def _text(place: str, row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{place}: {name!r} must be text, not {type(value).__name__}")
    return (value or "").strip()


def _score(place: str, row: Mapping[str, Any], name: str) -> float | None:
    value = row.get(name)
    if value is None or value == "":
        return None
    try:
        score = float(value)
    except (TypeError, ValueError):
        score = math.nan
    if not math.isfinite(score):
        raise InputError(f"{place}: {name!r} must be a number or empty, not {value!r}")
    return score
