"""A table for a paper in Markdown, as GitHub, Pandoc and notebooks read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modellab.compare.papers.table import NOTHING, PaperCell, PaperTable
from modellab.markdown import markdown_text


def markdown_table(table: PaperTable) -> str:
    """The table with its title above and its notes below."""
    return "\n".join(_lines(table)) + "\n"


def _lines(table: PaperTable) -> Iterator[str]:
    yield f"# Leaderboard of {markdown_text(table.dataset)}"
    yield ""
    heads = [
        f"{markdown_text(name.replace('_', ' '))}{f' (n={count})' if count else ''}"
        for name, count in zip(table.components, table.counts, strict=True)
    ]
    yield _row(["#", "model", "retriever", *heads, "not distinguishable from"])
    yield "|---:|---|---|" + "---:|" * len(heads) + "---|"
    for row in table.rows:
        names = [markdown_text(row.model), markdown_text(row.retriever) or NOTHING]
        yield _row([str(row.number), *names, *map(_cell, row.cells), row.equals or NOTHING])
    for note in table.notes:
        yield ""
        yield markdown_text(note)


def _cell(cell: PaperCell) -> str:
    value = f"**{cell.value}**" if cell.best else cell.value
    n = f"(n={cell.n})" if cell.n else ""
    return " ".join(filter(None, (value, markdown_text(cell.interval), n)))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
