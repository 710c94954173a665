"""Strict CSV, as this program writes it: UTF-8, commas, every cell the text in the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from modellab.core.errors import InputError
from modellab.core.io.atomic import atomic_file
from modellab.core.io.columns import require_columns, require_unique
from modellab.core.io.encoding import read_utf8

if TYPE_CHECKING:
    from _csv import Reader as CsvReader


@dataclass(frozen=True)
class CsvTable:
    """A CSV file: column names, rows of cells, and the first line of each row in the file.

    `notes` say what was assumed.
    """

    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    lines: tuple[int, ...]
    notes: tuple[str, ...] = ()


def read_csv(path: Path, required: Sequence[str] = ()) -> CsvTable:
    """Read a CSV file whose first row names the columns. A byte-order mark is dropped.

    Raises InputError (file, row, column) for a missing file, bytes that are not UTF-8, a missing or
    duplicate column, and a row with too many or too few cells.
    """
    rows = csv_rows(path, read_utf8(path), ",")
    columns = tuple(name.strip() for name in next(rows, (1, []))[1])
    other = len(columns) == 1 and any(delimiter in columns[0] for delimiter in ";\t|")
    require_unique(f"{path}:1", columns)
    require_columns(path, columns, required, "; save it with commas between cells" if other else "")
    lines, found = [], []
    for line, cells in rows:
        if len(cells) != len(columns):
            raise InputError(
                f"{path}:{line}: {len(cells)} cells, but the header names {len(columns)} columns"
            )
        found.append(dict(zip(columns, cells, strict=True)))
        lines.append(line)
    return CsvTable(columns, tuple(found), tuple(lines))


def csv_rows(
    path: Path, text: str, delimiter: str, skipped: int = 0, blank: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Rows with their first line, `skipped` lines above the text included; `blank`: empty ones too.

    Raises InputError for invalid CSV; `path` is for messages.
    """
    reader = csv_reader(text, delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if cells or blank:
                yield start + skipped, cells
            start = reader.line_num + 1
    except csv.Error as error:
        line = reader.line_num + skipped
        raise InputError(f"{path}:{line}: not valid CSV ({error})") from None


def csv_reader(text: str, delimiter: str, strict: bool = False) -> CsvReader:
    """The csv module's reader of a text, with cells of any length."""
    # the default of 128 KiB is less than a long document in one cell
    csv.field_size_limit(2**31 - 1)
    return csv.reader(io.StringIO(text, newline=""), strict=strict, delimiter=delimiter)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows of cells atomically. None is an empty cell."""
    with atomic_file(path) as handle:
        writer = csv.DictWriter(RowEnds(handle), columns, lineterminator=RowEnds.MARK)
        writer.writeheader()
        writer.writerows(rows)


class RowEnds:
    """A handle for CSV rows that end in a line feed, with carriage returns in cells quoted.

    The csv module quotes a carriage return only if the line terminator contains one.
    """

    MARK = "\r\n"

    def __init__(self, handle: TextIO) -> None:
        self._handle = handle

    def write(self, row: str) -> int:
        return self._handle.write(row.removesuffix(self.MARK) + "\n")
