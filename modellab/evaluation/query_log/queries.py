"""Reading a query log: one question per row, with its answer and score where there are any."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from modellab.core.errors import InputError
from modellab.core.io.columns import require_columns
from modellab.core.io.sql.rows import query_rows
from modellab.core.io.table_file import read_table
from modellab.evaluation.query_log.options import QueryLogOptions

log = logging.getLogger(__name__)


def read_queries(options: QueryLogOptions) -> tuple[pd.DataFrame, int]:
    """Read the log.

    Returns:
        The questions (columns `text`, `answer`: "" for none, `score`: NaN for none), and the
        number of rows without a question.

    Raises:
        InputError: A column is missing, a score is not a number, or no row has a question.
    """
    source, rows = _rows(options)
    found = pd.DataFrame(
        [
            (
                _text(place, row, options.question_column),
                _text(place, row, options.answer_column) if options.answer_column else "",
                _score(place, row, options.score_column) if options.score_column else math.nan,
            )
            for place, row in rows
        ],
        columns=["text", "answer", "score"],
    )
    queries = found[found["text"] != ""].reset_index(drop=True)
    if queries.empty:
        raise InputError(f"{source}: no row has a question in {options.question_column!r}")
    return queries, len(found) - len(queries)


def _rows(options: QueryLogOptions) -> tuple[str, Sequence[tuple[str, Mapping[str, Any]]]]:
    """The source, and each row with its place in it."""
    if options.sql is not None:
        source, found = query_rows(options.sql)
        return source, [(f"{source}: row {n}", row) for n, row in enumerate(found, start=1)]
    assert options.questions is not None
    path = options.questions
    names = (options.question_column, options.answer_column, options.score_column)
    wanted = [name for name in names if name is not None]
    scores = [options.score_column] if options.score_column else []
    file = read_table(path, wanted, wanted, numbers=scores)
    require_columns(path, file.columns, wanted)
    if file.notes:
        log.info("%s: %s", path, "; ".join(file.notes))
    return str(path), file.rows


def _text(place: str, row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{place}: {name!r} must be text, not {type(value).__name__}")
    return (value or "").strip()


def _score(place: str, row: Mapping[str, Any], name: str) -> float:
    value = row.get(name)
    if value is None or value == "":
        return math.nan
    try:
        score = float(value)
    except (TypeError, ValueError):
        score = math.nan
    if not math.isfinite(score):
        raise InputError(f"{place}: {name!r} must be a number or empty, not {value!r}")
    return score
