"""Reading and writing CSV files as pandas frames.

No type inference: a column is text unless the caller gives its type, and "NA", "null" and empty
cells of text columns are kept.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellab.core.errors import InputError
from modellab.core.io.atomic import atomic_file
from modellab.core.io.columns import require_columns, require_unique
from modellab.core.io.encoding import opening
from modellab.core.text.escape import FORMULA_STARTS, escape_formula

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: column types; empty cells of numbers are missing (NaN), others are ""
FLOAT, INT, CATEGORY = "float", "int", "category"
#: bytes that Arrow reads at a time, which must hold the longest row: an answer may have megabytes
_BLOCK = 2**26
#: rows that are written at a time
_ROWS = 100_000
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
    as formulas get an apostrophe, except in `question_id`. Arrow builds the lines, for speed.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    names = pa.array(map(str, frame.columns), pa.large_string())
    # a lone empty cell would be an empty line
    special = '[,"\r\n]|^$' if len(names) == 1 else '[,"\r\n]'
    with atomic_file(path) as handle:
        handle.write(",".join(_quoted(names, special).to_pylist()) + "\n")
        for start in range(0, len(frame), _ROWS):
            part = frame.iloc[start : start + _ROWS]
            columns = [
                _quoted(_cells(part.iloc[:, place], name == _KEY), special)
                for place, name in enumerate(frame.columns)
            ]
            lines = pc.binary_join_element_wise(*columns, pa.scalar(",", pa.large_string()))
            handle.write("\n".join(lines.to_pylist()) + "\n")


def _cells(column: pd.Series[Any], verbatim: bool) -> pa.Array:
    """The text of each cell; "" where a value is missing."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = pa.large_string()
    if column.dtype == object:
        cells = [_cell(cell, verbatim) for cell in column]
        return pa.array(cells, kind)
    if not isinstance(column.dtype, pd.StringDtype):
        # as bits, in which 0.0 and -0.0 differ
        values = column.to_numpy().view("int64") if column.dtype == "float64" else column
        codes, found = pd.factorize(values)
        known = found.view("float64").tolist() if column.dtype == "float64" else found
        cells = [_cell(cell, verbatim) for cell in known]
        return pa.array([*cells, ""], kind).take(pa.array(codes % (len(cells) + 1)))
    texts = pa.array(column, kind).fill_null("")
    if isinstance(texts, pa.ChunkedArray):  # of a column that was put together from several
        texts = texts.combine_chunks()
    risky = pc.match_substring_regex(texts, f"^[{re.escape(''.join(FORMULA_STARTS))}]")
    if verbatim or not pc.any(risky).as_py():
        return texts
    safe = pa.array(map(escape_formula, texts.filter(risky).to_pylist()), kind)
    return pc.replace_with_mask(texts, risky, safe)


def _cell(cell: Any, verbatim: bool) -> str:
    import pandas as pd

    if not isinstance(cell, str):
        return "" if pd.isna(cell) else str(cell)
    return cell if verbatim else escape_formula(cell)


def _quoted(cells: pa.Array, special: str) -> pa.Array:
    """The cells in double quotes where the pattern matches."""
    import pyarrow as pa
    import pyarrow.compute as pc

    marked = pc.match_substring_regex(cells, special)
    if not pc.any(marked).as_py():
        return cells
    quote, nothing = (pa.scalar(text, cells.type) for text in ('"', ""))
    inside = pc.replace_substring(cells.filter(marked), '"', '""')
    around = pc.binary_join_element_wise(quote, inside, quote, nothing)
    return pc.replace_with_mask(cells, marked, around)


def _header(path: Path, required: Sequence[str]) -> list[str]:
    try:
        with opening(path), path.open(encoding="utf-8-sig", newline="") as handle:
            names = next(csv.reader(handle), [])
    except UnicodeDecodeError:
        raise InputError(f"{path}:1: not UTF-8; save the file as UTF-8") from None
    require_unique(f"{path}:1", names)
    require_columns(path, names, required)
    return names
