"""Tables as text: a line per row, cells between bars, which no chunk tears apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def table_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """`| a | b |` per row that has a word; a bar inside a cell becomes a slash."""
    for row in rows:
        cells = [" ".join(cell.split()).replace("|", "/") for cell in row]
        if any(cells):
            yield f"| {' | '.join(cells)} |"
