"""CSV without magic: every cell is the text in the file.

"NA", "null" and empty cells stay what they are; a byte-order mark is dropped; bytes that are
not UTF-8 are an error that names the row.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from modellab.core.errors import InputError
from modellab.core.io.atomic import atomic_file


@dataclass(frozen=True)
class Table:
    """A CSV file: column names, rows of cells, and the line of the file where each row starts."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    lines: tuple[int, ...]


def read_csv(path: Path, required: Sequence[str] = ()) -> Table:
    """Read a CSV file whose first row names the columns.

    Raises InputError (file, row, column) for a missing file, bytes that are not UTF-8, a missing
    or doubled column, and a row with too many or too few cells.
    """
    return parse_csv(path, read_utf8(path), required)


def parse_csv(path: Path, text: str, required: Sequence[str] = (), delimiter: str = ",") -> Table:
    """The table in the text of a file; `path` is for messages. Raises as `read_csv` does."""
    # the default of 128 KiB is less than a long document in one cell
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    try:
        columns = _header(path, next(reader, []), required)
        lines, rows = [], []
        start = reader.line_num + 1
        for cells in reader:
            if cells:
                rows.append(_cells(path, start, columns, cells))
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: not valid CSV ({error})") from None
    return Table(columns, tuple(rows), tuple(lines))


def read_utf8(path: Path) -> str:
    """The text of a file, without a byte-order mark. Bad bytes are reported with their line."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: a folder, not a file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        bad = data[error.start : error.start + 1].hex()
        raise InputError(
            f"{path}:{line}: byte 0x{bad} is not UTF-8; save the file as UTF-8"
        ) from None


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows of cells, all or nothing. None is written as an empty cell."""
    with atomic_file(path) as handle:
        writer = csv.DictWriter(RowEnds(handle), columns, lineterminator=RowEnds.MARK)
        writer.writeheader()
        writer.writerows(rows)


class RowEnds:
    """A handle for rows of CSV that end in a line feed.

    `csv` quotes a carriage return within a cell only where the line terminator has one. Without
    quotes every reader would take it for the end of a row.
    """

    MARK = "\r\n"

    def __init__(self, handle: TextIO) -> None:
        self._handle = handle

    def write(self, row: str) -> int:
        return self._handle.write(row.removesuffix(self.MARK) + "\n")


def _header(path: Path, names: Sequence[str], required: Sequence[str]) -> tuple[str, ...]:
    columns = tuple(name.strip() for name in names)
    doubled = sorted({name for name in columns if columns.count(name) > 1})
    missing = [name for name in required if name not in columns]
    if doubled:
        raise InputError(f"{path}:1: duplicate column {doubled[0]!r}")
    if missing:
        found = ", ".join(columns) or "none"
        other = len(columns) == 1 and any(sign in columns[0] for sign in ";\t|")
        advice = "; save it with commas between cells" if other else ""
        raise InputError(f"{path}:1: column {missing[0]!r} is missing (found: {found}){advice}")
    return columns


def _cells(path: Path, line: int, columns: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    if len(cells) != len(columns):
        raise InputError(
            f"{path}:{line}: {len(cells)} cells, but the header names {len(columns)} columns"
        )
    return dict(zip(columns, cells, strict=True))
