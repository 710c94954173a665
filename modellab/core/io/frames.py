"""Reading and writing CSV files as pandas frames.

No type inference: a column is text unless the caller gives its type, and "NA", "null" and empty
cells of text columns are kept.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from modellab.core.errors import InputError
from modellab.core.io.atomic import atomic_file
from modellab.core.io.columns import require_columns, require_unique
from modellab.core.io.csv_file import RowEnds
from modellab.core.text.escape import FORMULA_STARTS, escape_formula

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: column types; empty cells of numbers are missing (NaN), others are ""
FLOAT, INT, CATEGORY = "float", "int", "category"
#: bytes that Arrow reads at a time, which must hold the longest row: an answer may have megabytes
_BLOCK = 2**26
#: written verbatim, because tables are joined by it
_KEY = "question_id"


def read_frame(
    path: Path,
    types: Mapping[str, str] | None = None,
    required: Sequence[str] = (),
    only: bool = False,
) -> pd.DataFrame:
    """Read a CSV file that this program wrote.

    Args:
        path: The file.
        types: `FLOAT`, `INT` or `CATEGORY` by column; all other columns are text.
        required: Columns that must exist.
        only: Whether to read only these columns.

    Raises:
        InputError: A missing file, invalid CSV, a missing or duplicate column, or a cell that is
            not of its column's type.
    """
    return to_frame(read_arrow(path, types or {}, required, only))


def read_arrow(
    path: Path, types: Mapping[str, str], required: Sequence[str], only: bool = False
) -> pa.Table:
    """`read_frame` as an Arrow table, for callers that concatenate many files."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = _header(path, required)
    of = {
        FLOAT: pa.float64(),
        INT: pa.int64(),
        CATEGORY: pa.dictionary(pa.int32(), pa.string()),
    }
    try:
        table: pa.Table = arrow_csv.read_csv(
            path,
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=_BLOCK),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types={
                    name: of[types[name]] if name in types else pa.string() for name in names
                },
                include_columns=list(required) if only else names,
                null_values=[""],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        raise InputError(f"{path}: not valid CSV ({error})") from None
    return table


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Text as pandas' `str`, dictionaries as categories."""
    frame: pd.DataFrame = table.unify_dictionaries().to_pandas()
    return frame


def frame_of(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """A frame of object columns, so that missing integers do not become floats."""
    import pandas as pd

    kept = list(rows)
    return pd.DataFrame(
        {name: pd.Series([row.get(name) for row in kept], dtype=object) for name in columns}
    )


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """Write a CSV file atomically.

    Numbers keep all digits, missing values are empty cells, and texts that a spreadsheet would run
    as formulas get an apostrophe, except in `question_id`.
    """
    safe = frame.copy(deep=False)
    for place, name in enumerate(frame.columns):
        if name != _KEY:
            safe.isetitem(place, _escaped(frame.iloc[:, place]).array)
    with atomic_file(path) as handle:
        rows = cast("TextIO", RowEnds(handle))
        safe.to_csv(rows, index=False, lineterminator=RowEnds.MARK)


def _escaped(column: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.rename_categories(_escaped_cell)
    if column.dtype == object:
        return pd.Series([_escaped_cell(cell) for cell in column], column.index, dtype=object)
    if not isinstance(column.dtype, pd.StringDtype):
        return column
    risky = column.str.startswith(FORMULA_STARTS)
    return column.where(~risky, column[risky].map(escape_formula)) if risky.any() else column


def _escaped_cell(cell: Any) -> Any:
    return escape_formula(cell) if isinstance(cell, str) else cell


def _header(path: Path, required: Sequence[str]) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            names = next(csv.reader(handle), [])
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}:1: not UTF-8; save the file as UTF-8") from None
    require_unique(f"{path}:1", names)
    require_columns(path, names, required)
    return names
