"""Tables of the results folder as tables of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from modellab.core.metric import Better
from modellab.evaluation.metrics import described
from modellab.reporting.page.blocks import Cell, Column, Table
from modellab.reporting.page.numbers import NOTHING, cell, counted, number
from modellab.reporting.page.results import Row

#: rows that the page shows of a table; the file has all
MOST_ROWS = 400


#: by column where its cells lead, from their row
Links = Mapping[str, Callable[[Row], str | None]]


def hint_of(name: str, task: str = "") -> str:
    """The description of a metric as in docs/metrics.md; empty for other names."""
    found = described(name, task)
    if found is None:
        return ""
    way = {Better.HIGHER: "; higher is better", Better.LOWER: "; lower is better"}
    return f"{found.formula} ({found.range}{way.get(found.better, '')})"


def label(name: str) -> str:
    return name.replace("_", " ").strip()


def from_csv(
    title: str,
    rows: Sequence[Row],
    file: str,
    caption: str = "",
    columns: Sequence[str] | None = None,
    links: Links | None = None,
    task: str = "",
) -> Table:
    """A table of a file, or some of its columns; long tables are cut."""
    names = list(columns or (rows[0] if rows else ()))
    names = [name for name in names if not rows or name in rows[0]]
    shown = [[_linked(row, name, links or {}) for name in names] for row in rows[:MOST_ROWS]]
    heads = [
        Column(label(name), _is_number([row[name] for row in rows]), hint_of(name, task))
        for name in names
    ]
    return Table(title, heads, shown, with_cut(caption, rows), file)


def pivot(
    title: str,
    rows: Sequence[Row],
    index: Sequence[str],
    column: str,
    file: str,
    caption: str = "",
    links: Links | None = None,
) -> Table:
    """A long table in wide form: a row per `index`, a column for each name in `column`."""
    names = list(dict.fromkeys(row[column] for row in rows))
    found: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in index), {})[row[column]] = row
    heads = [Column(label(key)) for key in index]
    heads += [Column(label(name), True, hint_of(name)) for name in names]
    body = [
        [
            *(_linked(next(iter(by.values())), name, links or {}) for name in index),
            *(counted(by[name]) if name in by else Cell(NOTHING) for name in names),
        ]
        for by in list(found.values())[:MOST_ROWS]
    ]
    return Table(title, heads, body, with_cut(caption, list(found)), file)


def tabulate(
    title: str,
    rows: Sequence[Any],
    columns: Mapping[Column, Callable[[Any], Cell]],
    caption: str = "",
    file: str | None = None,
) -> Table:
    """A table with a function per column that makes a cell of a row; long tables are cut."""
    body = [[make(row) for make in columns.values()] for row in rows[:MOST_ROWS]]
    return Table(title, list(columns), body, with_cut(caption, rows), file)


def _linked(row: Row, name: str, links: Links) -> Cell:
    return cell(row[name], links[name](row) if name in links and row[name] else None)


def _is_number(texts: Sequence[str]) -> bool:
    known = [text for text in texts if text]
    return bool(known) and all(number(text) is not None for text in known)


def with_cut(caption: str, rows: Sequence[object]) -> str:
    """A caption that says if a table is longer than `MOST_ROWS`."""
    if len(rows) <= MOST_ROWS:
        return caption
    return f"{caption} The first {MOST_ROWS} of {len(rows):,} rows; the file has all.".strip()
