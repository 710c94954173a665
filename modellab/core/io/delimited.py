"""Delimited text in any encoding and with any delimiter, as written by Excel, pandas and others.

Cells are the text in the file. Ambiguities are errors with file and row.
"""

import re
from collections.abc import Collection, Sequence
from itertools import islice, pairwise, product
from pathlib import Path
from typing import Literal

from modellab.core.errors import BrokenFileError, InputError
from modellab.core.io.columns import (
    HEADER_ROWS,
    header_at,
    is_known,
    numbered_names,
    rows_below_header,
    rows_of_table,
)
from modellab.core.io.csv_file import CsvTable, csv_reader, csv_rows
from modellab.core.io.encoding import Decoded, decoded, read_text_bytes, without_compression

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
#: the line that tells Excel the delimiter
_SEP = re.compile(r'"?sep=(?P<delimiter>[,;\t|])"?[ \t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
#: pandas' names of a column without a name, such as its index
_INDEX = re.compile(r"(?:Unnamed: \d+|index)?", re.IGNORECASE)
#: a number with an unambiguous decimal comma, that is, not before exactly three digits
_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),(?:\d{1,2}|\d{4,})")
#: any number in a column with decimal commas
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?")
#: a tab in the first line with text
_TAB = re.compile(r"\s*?\S[^\r\n]*?\t")
#: a cell of the rule below the header of a table in Markdown
_RULE = re.compile(r":?-{2,}:?")
Decimal = Literal[".", ","]


def read_delimited(
    path: Path,
    known: Collection[str] = (),
    encoding: str | None = None,
    delimiter: str | None = None,
    decimal: Decimal | None = None,
    numbers: Collection[str] = (),
) -> CsvTable:
    """Read a table whose first row, below titles, names the columns.

    Columns in `known` are matched without case and get the known name. `encoding`, `delimiter` and
    `decimal` None: detected. In columns of `numbers`, decimal commas become points (1.450,5 becomes
    1450.5); other cells are unchanged. Left out are rows of several empty cells, columns without
    name and text, and an index in the first column.

    Raises InputError (file, row) for undecodable bytes, duplicate columns, text in a column without
    a name, and a row with too many or too few cells.
    """
    text, notes = _text(path, encoding)
    sep = _SEP.match(text)
    wanted = {*known, *numbers}
    found = delimiter or (sep["delimiter"] if sep else detect_delimiter(path, text, wanted))
    every = list(csv_rows(path, text[sep.end() :] if sep else text, found, 1 if sep else 0, True))
    gaps = {at for (_, above), (at, _) in pairwise(every) if not any(map(str.strip, above))}
    lines = [row for row in every if row[1]]
    if found == "|":
        lines = _of_markdown(lines)
    above = header_at([cells for _, cells in lines], wanted)
    lines = lines[above:]
    names = _spelled(lines[0][1] if lines else [], wanted)
    below = rows_below_header([cells for _, cells in lines[1:3]])
    # a single quoted empty cell is a value
    rows = [row for row in lines[1 + below :] if len(row[1]) == 1 or any(map(str.strip, row[1]))]
    blank = len(lines) - 1 - below - len(rows)
    rows, left_out = rows_of_table(lines[0][1] if lines else [], rows, gaps)
    for line, cells in rows:
        _check_length(path, line, names, cells)
    kept = [
        place
        for place, name in enumerate(names)
        if (name and name in wanted) or not _is_empty(path, names, place, rows)
    ]
    unique = numbered_names(f"{path}:1", [names[place] for place in kept], wanted)
    for place, name in zip(kept, unique, strict=True):
        names[place] = name
    commas = [
        place
        for place in kept
        if names[place] in numbers
        and decimal != "."
        and _has_commas([cells[place] for _, cells in rows], found, decimal)
    ]
    for (_, cells), place in product(rows, commas):
        cells[place] = cells[place].replace(".", "").replace(",", ".")
    return CsvTable(
        tuple(names[place] for place in kept),
        tuple({names[place]: cells[place] for place in kept} for _, cells in rows),
        tuple(line for line, _ in rows),
        (
            *([] if found == "," else [f"{DELIMITERS.get(found, repr(found))} between cells"]),
            *notes,
            *(f"decimal commas in {names[place]!r}" for place in commas),
            *([f"header in line {lines[0][0]}"] if above else []),
            *([f"{below} rows below the header left out"] if below else []),
            *([f"{blank} blank rows left out"] if blank > 0 else []),
            *left_out,
        ),
    )


def _of_markdown(lines: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """The rows of a table in Markdown, without outer spaces and the rule; other rows unchanged."""
    rows = [(line, [cell.strip() for cell in cells]) for line, cells in lines]
    kept = [
        (at, cells)
        for at, cells in rows
        if len(cells) < 3 or cells[0] + cells[-1] or not all(map(_RULE.fullmatch, cells[1:-1]))
    ]
    return kept if len(kept) < len(rows) else lines


def _text(path: Path, encoding: str | None) -> Decoded:
    """The text; if it is UTF-8, with its line ends unchanged, as they may be inside cells."""
    data = read_text_bytes(path)
    if data[:200].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        raise BrokenFileError(f"{path}: a web page, not a table; perhaps a page to log in")
    if encoding is None and b"\0" not in data:
        try:
            return Decoded(data.decode("utf-8-sig"))
        except UnicodeDecodeError:
            pass
    return decoded(path, data, encoding)


def detect_delimiter(path: Path, text: str, known: Collection[str]) -> str:
    """The delimiter with the most known names in the header, then the most columns.

    A tab if the file's extension says so and its first row has one.
    """
    if without_compression(path.name).endswith((".tsv", ".tab")) and _TAB.match(text):
        return "\t"
    names = {name.casefold() for name in known}

    def fit(delimiter: str) -> tuple[int, int]:
        reader = csv_reader(text, delimiter)
        first = list(islice((cells for cells in reader if cells), HEADER_ROWS))
        header = first[header_at(first, known)] if first else []
        return sum(is_known(cell, names) for cell in header), len(header)

    return max(DELIMITERS, key=fit)


def _spelled(header: Sequence[str], known: Collection[str]) -> list[str]:
    spelling = {name.casefold(): name for name in known}
    names = [name.strip() for name in header]
    return [name if name in known else spelling.get(name.casefold(), name) for name in names]


def _check_length(path: Path, line: int, names: Sequence[str], cells: list[str]) -> None:
    """Pad or trim a row: extra cells must be empty, missing ones in columns without a name."""
    while len(cells) > len(names) and not cells[-1].strip():
        cells.pop()
    while len(cells) < len(names) and not any(names[len(cells) :]):
        cells.append("")
    if len(cells) != len(names):
        raise InputError(
            f"{path}:{line}: {len(cells)} cells, but the header names {len(names)} columns; "
            "quote a text that contains the delimiter"
        )


def _is_empty(
    path: Path, names: Sequence[str], place: int, rows: Sequence[tuple[int, list[str]]]
) -> bool:
    """Whether a column has neither name nor text, or is an index of the rows."""
    if place == 0 and _INDEX.fullmatch(names[0]) and len(names) > 1:
        cells = [row[0].strip() for _, row in rows]
        if cells in [[str(n) for n in range(start, start + len(rows))] for start in (0, 1)]:
            return True
    if names[place]:
        return False
    for line, cells in rows:
        if cells[place].strip():
            raise InputError(
                f"{path}:{line}: column {place + 1} has a text ({cells[place].strip()[:40]!r}) but "
                "no name in the header"
            )
    return True


def _has_commas(cells: Sequence[str], delimiter: str, decimal: Decimal | None) -> bool:
    """Whether all cells of a column are numbers, some of them with a decimal comma for certain.

    If `decimal` is None, False for comma-delimited files: programs that write decimal commas use
    semicolons or tabs as delimiters.
    """
    if decimal is None and delimiter == ",":
        return False
    numbers = [cell.strip() for cell in cells if cell.strip()]
    sure = any("," in n if decimal else _COMMA.fullmatch(n) is not None for n in numbers)
    return sure and all(_NUMBER.fullmatch(number) for number in numbers)
