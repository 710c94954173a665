"""Rows of a table in any kind of file: delimited text, JSON in its usual shapes, Parquet, Arrow."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.delimited import read_delimited
from modellab.core.io.encoding import read_decoded
from modellab.core.io.strict_json import DECODER, no_number

Row = Mapping[str, Any]

_JSON = (".json", ".jsonl", ".ndjson")
_PARQUET, _ARROW = (".parquet", ".pq"), (".arrow", ".feather")


@dataclass(frozen=True)
class TableFile:
    """Rows with their place (file and row), and what was taken for granted in reading them.

    Cells of delimited text are text; those of other files have their types.
    """

    rows: tuple[tuple[str, Row], ...]
    notes: tuple[str, ...] = ()


def read_table_file(
    path: Path,
    known: Collection[str],
    asked: Collection[str],
    encoding: str | None,
    delimiter: str | None,
) -> TableFile:
    """The rows of a file; `known` are names of columns that are looked for, `asked` those of the
    question.

    Raises InputError (file, row) for a file that is not what its name says, and one without rows.
    """
    ending = path.suffix.lower()
    if ending in _JSON:
        found = _json(path, asked, encoding)
    elif ending in (*_PARQUET, *_ARROW):
        found = TableFile(tuple(_arrow(path)))
    else:
        read = read_delimited(path, known, encoding=encoding, delimiter=delimiter)
        rows = zip(read.table.lines, read.table.rows, strict=True)
        found = TableFile(tuple((f"{path}:{line}", row) for line, row in rows), read.notes)
    if not found.rows:
        raise InputError(f"{path}: no questions; write one per row")
    return found


def _arrow(path: Path) -> Iterator[tuple[str, Row]]:
    import pyarrow as pa
    from pyarrow import feather, ipc, parquet

    try:
        if path.suffix.lower() in _PARQUET:
            table = parquet.read_table(path)
        else:
            try:
                table = feather.read_table(path)
            except pa.ArrowInvalid:
                # what the datasets library writes
                with pa.memory_map(str(path)) as source:
                    table = ipc.open_stream(source).read_all()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (pa.ArrowException, OSError) as error:
        first = str(error).splitlines()[0]
        raise InputError(f"{path}: cannot be read as {path.suffix} ({first})") from None
    for number, row in enumerate(table.to_pylist(), start=1):
        yield f"{path}: row {number}", row


def _json(path: Path, asked: Collection[str], encoding: str | None) -> TableFile:
    text, notes = read_decoded(path, encoding)
    values = list(_values(path, text))
    if len(values) == 1:
        place, data = values[0]
        return TableFile(tuple(_entries(path, place, data, asked)), notes)
    return TableFile(tuple((place, _object(place, data)) for place, data in values), notes)


def _values(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    """The values of a text, one after the other: one, one a line, or each over several lines."""
    at, line = 0, 1
    while at < len(text):
        if text[at] in " \t\r\n":
            line += text[at] == "\n"
            at += 1
            continue
        try:
            value, end = DECODER.raw_decode(text, at)
        except json.JSONDecodeError as error:
            before, after = text[: error.pos].rstrip(), text[error.pos :].lstrip()
            trailing = after[:1] in ("]", "}") and before.endswith(",")
            what = "a comma before the closing bracket" if trailing else error.msg
            raise InputError(f"{path}:{error.lineno}: not valid JSON ({what})") from None
        except RecursionError:
            raise InputError(f"{path}:{line}: not valid JSON (nested too deep)") from None
        yield f"{path}:{line}", value
        line += text.count("\n", at, end)
        at = end


def _entries(
    path: Path, place: str, data: Any, asked: Collection[str]
) -> Iterator[tuple[str, Row]]:
    """Of a list its objects; of an object its one list of objects, its columns, or itself."""
    if isinstance(data, dict):
        asks = [data[name] for name in data if name.casefold() in asked]
        if any(not _is_column(value) or _is_rows(value) for value in asks):
            yield place, _object(place, data)
            return
        lists = [value for value in data.values() if _is_rows(value)]
        data = lists[0] if len(lists) == 1 else _of_columns(path, data)
    if not isinstance(data, list):
        raise InputError(f"{path}: must be a list of objects, one for each question")
    for number, entry in enumerate(data, start=1):
        where = f"{path}: row {number}"
        yield where, _object(where, entry)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _is_column(value: Any) -> bool:
    return isinstance(value, list | dict)


def _of_columns(path: Path, data: Mapping[str, Any]) -> list[Row]:
    """The rows of columns as pandas writes them: by name a list, or an object by row."""
    columns = {
        name: list(column.values()) if isinstance(column, dict) else column
        for name, column in data.items()
        if _is_column(column)
    }
    keys = {tuple(column) for column in data.values() if isinstance(column, dict)}
    lengths = {len(column) for column in columns.values()}
    if len(columns) != len(data) or len(lengths) != 1 or len(keys) > 1:
        raise InputError(
            f"{path}: an object with {', '.join(map(repr, data)) or 'nothing'}; write a list of "
            "objects, one for each question"
        )
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def _object(place: str, data: Any) -> Row:
    if not isinstance(data, dict):
        raise InputError(f"{place}: must be an object such as {{'question': ..., 'answer': ...}}")
    if problem := no_number(data):
        raise InputError(f"{place}: {problem}")
    return data
