"""Tables of text as people have them: CSV of any delimiter and encoding, by Excel or pandas.

Cells are the text in the file. What would have to be guessed stops with file and row.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from typing import Literal

from modellab.core.errors import InputError
from modellab.core.io.csv_file import Table
from modellab.core.io.encoding import Decoded, decoded, read_text_bytes
from modellab.core.io.names import plain_name

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
#: the line that tells Excel the delimiter
_SEP = re.compile(r'"?sep=(?P<delimiter>[,;\t|])"?[ \t]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
#: what pandas calls a column that has no name, when it reads its own index back
_INDEX = re.compile(r"(?:Unnamed: \d+|index)?", re.IGNORECASE)
#: a number with a decimal comma, perhaps with points between thousands; more or fewer than three
#: digits after the comma, so that it cannot be 1,450 for one thousand four hundred and fifty
_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),(?:\d{1,2}|\d{4,})")
#: a number beside such numbers
_BESIDE = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?")
#: a tab in the first line with text
_TAB = re.compile(r"\s*?\S[^\r\n]*?\t")
Decimal = Literal[".", ","]
#: rows in which the header is looked for
_SEARCHED = 10


@dataclass(frozen=True)
class Delimited:
    """A table, and what was assumed in reading it, in a few words each."""

    table: Table
    notes: tuple[str, ...]


def read_delimited(
    path: Path,
    known: Collection[str] = (),
    required: Sequence[str] = (),
    encoding: str | None = None,
    delimiter: str | None = None,
    decimal: Decimal | None = None,
    numbers: Collection[str] = (),
) -> Delimited:
    """Read a table whose first row names the columns.

    Names of `known` and `required` columns are compared without case, and stand in the table as
    they are written there. `encoding`, `delimiter` and `decimal` None: what the file says or looks
    like. In columns of `numbers`, decimal commas become points (1.450,5 becomes 1450.5); other
    cells are the text that is in the file. Left out are rows of several cells without any text,
    columns without name and text, and the numbers of rows in a first column without a name.

    Raises InputError (file, row) for bytes that are no text, missing and duplicate columns, a text
    in a column without a name, and a row with too many or too few cells.
    """
    text, notes = _text(path, encoding)
    said = _SEP.match(text)
    wanted = {*known, *required, *numbers}
    found = delimiter or (said["delimiter"] if said else _detected(path, text, wanted))
    lines = list(_rows(path, text[said.end() :] if said else text, found, 1 if said else 0))
    above = header_at([cells for _, cells in lines], wanted)
    lines = lines[above:]
    names = _spelled(lines[0][1] if lines else [], wanted)
    rows = [(line, cells) for line, cells in lines[1:] if not _is_blank(cells)]
    for line, cells in rows:
        _check_length(path, line, names, cells)
    kept = [
        place
        for place, name in enumerate(names)
        if (name and name in wanted) or not _is_idle(path, names, place, rows)
    ]
    _check_names(path, [names[place] for place in kept])
    require_columns(path, [names[place] for place in kept], required)
    commas = [
        place
        for place in kept
        if names[place] in numbers
        and decimal != "."
        and _has_commas([cells[place] for _, cells in rows], found, decimal)
    ]
    for (_, cells), place in product(rows, commas):
        cells[place] = cells[place].replace(".", "").replace(",", ".")
    blank = len(lines) - 1 - len(rows)
    return Delimited(
        Table(
            tuple(names[place] for place in kept),
            tuple({names[place]: cells[place] for place in kept} for _, cells in rows),
            tuple(line for line, _ in rows),
        ),
        (
            *([] if found == "," else [f"{DELIMITERS.get(found, repr(found))} between cells"]),
            *notes,
            *(f"decimal commas in {names[place]!r}" for place in commas),
            *([f"header in line {lines[0][0]}"] if above else []),
            *([f"{blank} blank rows left out"] if blank > 0 else []),
        ),
    )


def _text(path: Path, encoding: str | None) -> Decoded:
    """The text as it is, ends of lines within cells included, where it is UTF-8."""
    data = read_text_bytes(path)
    if encoding is None and b"\0" not in data:
        try:
            return Decoded(data.decode("utf-8-sig"))
        except UnicodeDecodeError:
            pass
    return decoded(path, data, encoding)


def _detected(path: Path, text: str, known: Collection[str]) -> str:
    """The delimiter that gives the header most known names, then most columns; else the comma.

    Tabs where the file's ending says so and its first row has one.
    """
    if path.name.lower().removesuffix(".gz").endswith((".tsv", ".tab")) and _TAB.match(text):
        return "\t"
    names = {name.casefold() for name in known}

    def fit(delimiter: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        first = list(islice((cells for cells in reader if cells), _SEARCHED))
        header = first[header_at(first, known)] if first else []
        return sum(is_known(cell, names) for cell in header), len(header)

    return max(DELIMITERS, key=fit)


def is_known(text: str, names: Collection[str]) -> bool:
    """Whether a text is a known name (`names` are in lower case), however its words are joined."""
    return text.strip().casefold() in names or plain_name(text) in names


def header_at(rows: Sequence[Sequence[object]], known: Collection[str]) -> int:
    """Which row names the columns: the first, or the first with a known name below titles.

    A title is a row with one cell that is not empty.
    """
    names = {name.casefold() for name in known}
    for at, cells in enumerate(rows[:_SEARCHED]):
        filled = [str(cell) for cell in cells if _is_filled(cell)]
        if any(is_known(text, names) for text in filled):
            return at
        if len(filled) > 1:
            break
    return next((at for at, cells in enumerate(rows) if any(map(_is_filled, cells))), 0)


def _is_filled(cell: object) -> bool:
    return cell is not None and bool(str(cell).strip())


def _rows(path: Path, text: str, delimiter: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line where it starts; lines may end as on any system."""
    # the default of 128 KiB is less than a long document in one cell
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    start = 1
    try:
        for cells in reader:
            if cells:
                yield start + skipped, cells
            start = reader.line_num + 1
    except csv.Error as error:
        line = reader.line_num + skipped
        raise InputError(f"{path}:{line}: not valid CSV ({error})") from None


def _spelled(header: Sequence[str], known: Collection[str]) -> list[str]:
    spelling = {name.casefold(): name for name in known}
    names = [name.strip() for name in header]
    return [name if name in known else spelling.get(name.casefold(), name) for name in names]


def _is_blank(cells: Sequence[str]) -> bool:
    """Whether a row is what a spreadsheet leaves below a table; one empty text in quotes is not."""
    return len(cells) > 1 and not any(cell.strip() for cell in cells)


def _check_length(path: Path, line: int, names: Sequence[str], cells: list[str]) -> None:
    """Cells beyond the header may be empty, and missing ones belong to columns without a name."""
    while len(cells) > len(names) and not cells[-1].strip():
        cells.pop()
    while len(cells) < len(names) and not any(names[len(cells) :]):
        cells.append("")
    if len(cells) != len(names):
        raise InputError(
            f"{path}:{line}: {len(cells)} cells, but the header names {len(names)} columns; "
            "put a text with the delimiter in it into quotes"
        )


def _is_idle(
    path: Path, names: Sequence[str], place: int, rows: Sequence[tuple[int, list[str]]]
) -> bool:
    """Whether a column says nothing: it has neither name nor text, or counts the rows."""
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
    """Whether all cells of a column are numbers, of which some surely have a decimal comma.

    Undecided (`decimal` None), this is looked for only where the delimiter is no comma: a program
    that writes decimal commas writes semicolons or tabs between cells.
    """
    if decimal is None and delimiter == ",":
        return False
    numbers = [cell.strip() for cell in cells if cell.strip()]
    sure = any("," in n if decimal else _COMMA.fullmatch(n) is not None for n in numbers)
    return sure and all(_BESIDE.fullmatch(number) for number in numbers)


def _check_names(path: Path, names: Sequence[str]) -> None:
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise InputError(
            f"{path}:1: duplicate column {doubled[0]!r}; give each column a name of its own"
        )


def require_columns(
    path: Path, names: Sequence[str], required: Sequence[str], advice: str = ""
) -> None:
    """Raises InputError that names all columns that are missing, and what would help."""
    missing = [name for name in required if name not in names]
    if missing:
        what = "column" if len(missing) == 1 else "columns"
        verb = "is" if len(missing) == 1 else "are"
        raise InputError(
            f"{path}:1: {what} {', '.join(map(repr, missing))} {verb} missing "
            f"(found: {', '.join(names) or 'none'}){advice}"
        )
