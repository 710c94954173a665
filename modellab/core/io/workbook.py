"""Tables in workbooks of Excel and LibreOffice."""

import re
import zipfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from modellab.core.errors import BrokenFileError, InputError
from modellab.core.io.columns import (
    header_at,
    is_known,
    numbered_names,
    rows_below_header,
    rows_of_table,
)
from modellab.core.io.encoding import opening

#: what the library raises for parts of a file that it does not expect
_PARSING = (KeyError, ValueError, AttributeError, TypeError)
Rows = tuple[tuple[str, Mapping[str, Any]], ...]
Cells = Sequence[Any]


def read_workbook(
    path: Path, known: Collection[str] = (), sheet: str | None = None
) -> tuple[Rows, tuple[str, ...]]:
    """The rows of a sheet below its header (see `header_at`), and notes.

    Default: the only visible sheet with text, or the only one with two columns in `known`, or with
    one. Formulas are read as their stored results. Of .ods, .xls and .xlsb the values are read, not
    how they are shown.

    Raises InputError (file, sheet, row) for an unknown or ambiguous sheet, a duplicate column, text
    in a column without a name, and a formula without a result.
    """
    if not path.name.lower().endswith((".xlsx", ".xlsm")):
        sheets = _values(path)
        name = _chosen(path, sheets, known, sheet)
        return _of_sheet(path, sheets, name, known)
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with opening(path), path.open("rb") as file:
            book = openpyxl.load_workbook(file, data_only=True)
            sheets = {one.title: _shown_cells(one) for one in book.worksheets}
            left = {one.title: _hidden(one) for one in book.worksheets}
            hidden = {one.title for one in book.worksheets if one.sheet_state != "visible"}
            file.seek(0)
            formulas = openpyxl.load_workbook(file)
    # the library raises whatever its parsing runs into
    except (zipfile.BadZipFile, InvalidFileException, OSError, EOFError, *_PARSING):
        raise BrokenFileError(
            f"{path}: not an Excel workbook (.xlsx): cut off, damaged, or another kind of file"
        ) from None
    seen = {name: cells for name, cells in sheets.items() if name not in hidden}
    name = _chosen(path, seen if seen and sheet is None else sheets, known, sheet)
    _refuse_unknown_results(path, name, sheets[name], formulas[name].iter_rows(values_only=True))
    rows, notes = _of_sheet(path, sheets, name, known)
    return rows, (*notes, *left[name])


def _of_sheet(
    path: Path, sheets: Mapping[str, Sequence[Cells]], name: str, known: Collection[str]
) -> tuple[Rows, tuple[str, ...]]:
    rows, notes = _rows(f"{path}: {name!r}", sheets[name], known)
    return rows, (*([f"sheet {name!r} of {len(sheets)}"] if len(sheets) > 1 else []), *notes)


def _values(path: Path) -> dict[str, list[list[Any]]]:
    """By sheet the cells of a workbook of another format than .xlsx; empty ones as None."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with opening(path), path.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
        found = {name: book.get_sheet_by_name(name).to_python(False) for name in book.sheet_names}
    except CalamineError as error:
        raise BrokenFileError(f"{path}: not a workbook that can be read ({error})") from None
    return {name: [[_whole(cell) for cell in row] for row in rows] for name, rows in found.items()}


def _whole(cell: Any) -> Any:
    """Floats without a fraction as integers, others as they are shown, empty texts as None."""
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else _rounded(cell)
    return None if cell == "" else cell


def _rounded(value: float) -> float:
    """A number in the 15 digits of spreadsheets: 0.3 for 0.1 + 0.2."""
    return float(f"{value:.15g}")


def _hidden(sheet: Any) -> list[str]:
    """A note on hidden rows and columns, which are read as the others."""
    rows = [number for number, one in sheet.row_dimensions.items() if one.hidden]
    columns = [name for name, one in sheet.column_dimensions.items() if one.hidden]
    found = [
        f"{what} {', '.join(map(str, names[:5]))}{', ...' if len(names) > 5 else ''}"
        for what, names in (("row", rows), ("column", columns))
        if names
    ]
    return [f"hidden, but read: {' and '.join(found)}"] if found else []


def _shown_cells(sheet: Any) -> list[list[Any]]:
    """The cells of a sheet; percentages and numbers with leading zeros as the texts that are shown.

    A cell that was merged with those below it holds for all of them.
    """
    cells = [[_shown(cell) for cell in row] for row in sheet.iter_rows()]
    for merged in sheet.merged_cells.ranges:
        if merged.min_col == merged.max_col:
            for row in range(merged.min_row, merged.max_row):
                cells[row][merged.min_col - 1] = cells[merged.min_row - 1][merged.min_col - 1]
    return cells


def _shown(cell: Any) -> Any:
    value, style = cell.value, cell.number_format
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if found := re.fullmatch(r"0(?:\.(0+))?%", style):
        return f"{value:.{len(found[1] or '')}%}"
    if re.fullmatch("00+", style) and float(value).is_integer():
        return f"{int(value):0{len(style)}d}"
    return _rounded(value) if isinstance(value, float) else value


def _chosen(
    path: Path, sheets: Mapping[str, Sequence[Cells]], known: Collection[str], sheet: str | None
) -> str:
    listed = ", ".join(map(repr, sheets))
    if sheet is not None:
        if sheet not in sheets:
            raise InputError(f"{path}: no sheet {sheet!r} (there are: {listed})")
        return sheet
    wanted = {name.casefold() for name in known}
    filled = [name for name, rows in sheets.items() if not all(map(_is_blank, rows))]
    headers = {name: sheets[name][header_at(sheets[name], known)] for name in filled}
    counts = {
        name: sum(is_known(str(cell), wanted) for cell in header)
        for name, header in headers.items()
    }
    # a sheet of notes or choices may have one such column
    enough = 2 if max(counts.values(), default=0) > 1 else 1
    fitting = [name for name, count in counts.items() if count >= enough]
    chosen = filled if len(filled) == 1 else fitting
    if not filled:
        raise InputError(f"{path}: an empty workbook")
    if len(chosen) != 1:
        raise InputError(f"{path}: {len(filled)} sheets; choose one: `sheet: ...` ({listed})")
    return chosen[0]


def _is_blank(cells: Cells) -> bool:
    return all(cell is None or not str(cell).strip() for cell in cells)


def _rows(where: str, cells: Sequence[Cells], known: Collection[str]) -> tuple[Rows, list[str]]:
    at = header_at(cells, known)
    names = [str(name).strip() if name is not None else "" for name in cells[at]]
    names = numbered_names(f"{where}, row {at + 1}", names, known)
    below = rows_below_header(cells[at + 1 : at + 3])
    numbered = list(enumerate(cells, start=1))[at + 1 + below :]
    gaps = {number for number, _ in numbered if _is_blank(cells[number - 2])}
    filled = [(number, row) for number, row in numbered if not _is_blank(row)]
    kept, notes = rows_of_table(cells[at], filled, gaps)
    if kept and (blank := kept[-1][0] - numbered[0][0] + 1 - len(kept)):
        notes.append(f"{blank} blank rows left out")
    if any(not _is_blank(row) for row in cells[:at]):
        notes.insert(0, f"header in row {at + 1}")
    rows: list[tuple[str, Mapping[str, Any]]] = []
    for number, row in kept:
        for column, (name, cell) in enumerate(zip(names, row, strict=False), start=1):
            if not name and cell is not None and str(cell).strip():
                raise InputError(
                    f"{where}, row {number}: column {column} has a text ({str(cell)[:40]!r}) but "
                    "no name in the header"
                )
        found = {name: cell for name, cell in zip(names, row, strict=False) if name}
        rows.append((f"{where}, row {number}", found))
    return tuple(rows), notes


def _refuse_unknown_results(path: Path, name: str, values: Sequence[Cells], formulas: Any) -> None:
    for number, (found, written) in enumerate(zip(values, formulas, strict=False), start=1):
        for value, formula in zip(found, written, strict=False):
            if value is None and isinstance(formula, str) and formula.startswith("="):
                raise InputError(
                    f"{path}: {name!r}, row {number}: the formula {formula[:40]!r} has no stored "
                    "result; open the file in a spreadsheet program and save it"
                )
