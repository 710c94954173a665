"""A table for a paper in Markdown, as GitHub, Pandoc and notebooks read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modellab.core.text.escape import Markup, markdown_table, markdown_text
from modellab.evaluation.compare.entries import CONTROLS
from modellab.reporting.papers.table import NOTHING, PaperCell, PaperRow, PaperTable


def markdown_page(table: PaperTable) -> str:
    """The table with its title above and its notes below."""
    return "\n".join(_lines(table)) + "\n"


def _lines(table: PaperTable) -> Iterator[str]:
    yield f"# Leaderboard of {markdown_text(table.dataset)}"
    for said in filter(None, (table.verdict, table.bounds)):
        yield ""
        yield markdown_text(said)
    for title, rows in (("", table.rows), (CONTROLS, table.controls)):
        if rows:
            yield from ("", f"## {title}") if title else ()
            yield ""
            yield from _block(table, rows)
    for note in table.notes:
        yield ""
        yield markdown_text(note)


def _block(table: PaperTable, rows: Sequence[PaperRow]) -> Iterator[str]:
    heads = [
        f"{markdown_text(name.replace('_', ' '))}{f' (n={count})' if count else ''}"
        for name, count in zip(table.components, table.counts, strict=True)
    ]
    columns = [Markup("#"), "model", "retriever", *map(Markup, heads), "tied with"]
    yield from markdown_table(columns, map(_cells, rows), right=(0, *range(3, 3 + len(heads))))


def _cells(row: PaperRow) -> list[str]:
    names = [row.model, row.retriever or NOTHING]
    return [row.rank or NOTHING, *names, *map(_cell, row.cells), row.tied or NOTHING]


def _cell(cell: PaperCell) -> Markup:
    value = f"**{cell.value}**" if cell.best else cell.value
    n = f"(n={cell.n})" if cell.n else ""
    return Markup(" ".join(filter(None, (value, markdown_text(cell.interval), n))))
