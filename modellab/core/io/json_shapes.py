"""The shapes of JSON and YAML that hold rows: a list, rows by id, splits, columns, nested lists."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from modellab.core.errors import BrokenFileError, InputError
from modellab.core.io.jsonl import TABLE_DECODER

_Row = Mapping[str, Any]

#: names of the list of rows in an object with several lists, the likeliest first
_LISTS = (
    *("questions", "samples", "data", "tests", "testcases", "examples", "rows", "items"),
    "documents",
)

#: names of the parts of a data set
_SPLIT = re.compile(r"(?:train|dev|val|valid|test)(?:ing|elopment|idation)?(?:[_-][a-z]+)?", re.I)
#: a text in quotes, or a trailing comma outside of them
QUOTED_OR_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(\s*[\]}])', re.DOTALL)


class TrailingCommaError(InputError):
    """A trailing comma, as in JSON written by hand."""


def json_values(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    """The JSON values of a text: one, one per line, or each over several lines."""
    at, line = 0, 1
    while at < len(text):
        if text[at] in " \t\r\n":
            line += text[at] == "\n"
            at += 1
            continue
        try:
            value, end = TABLE_DECODER.raw_decode(text, at)
        except json.JSONDecodeError as error:
            # the place of the error is the bracket or, from Python 3.13 on, the comma
            before = text[: error.pos].rstrip().removesuffix(",")
            trailing = re.match(r"\s*,\s*[\]}]", text[len(before) :])
            kind = TrailingCommaError if trailing else InputError
            raise kind(f"{path}:{error.lineno}: not valid JSON ({error.msg})") from None
        except ValueError as error:
            raise InputError(f"{path}:{line}: {error}") from None
        except RecursionError:
            raise InputError(f"{path}:{line}: not valid JSON (nested too deep)") from None
        yield f"{path}:{line}", value
        line += text.count("\n", at, end)
        at = end


def is_row(data: Mapping[str, Any], single: Collection[str]) -> bool:
    """Whether an object is a row, and not a container of rows or columns."""
    own = [
        value
        for name, value in data.items()
        if name.casefold() in single and not (name.casefold() in _LISTS and _is_rows(value))
    ]
    return any(
        not isinstance(value, list | dict) or _is_rows(value) or _is_map(value) for value in own
    )


def _is_map(value: Any) -> bool:
    """Whether a value is an object, and not a column keyed by row numbers."""
    return isinstance(value, dict) and not all(str(key).isdigit() for key in value)


def entries(path: Path, data: Any, single: Collection[str]) -> Iterator[tuple[str, _Row]]:
    """The rows of a list, or of an object with rows by id, a list of rows, or columns."""
    if isinstance(data, dict):
        data = _held(path, data, single)
    elif data and all(isinstance(row, list) for row in data) and _are_names(data[0]):
        data = _with_names(path, data[0], data[1:])
    elif _are_names(data):
        data = [{"value": text} for text in data]
    for number, entry in enumerate(data, start=1):
        where = f"{path}: row {number}"
        yield where, json_object(where, entry)


def _held(path: Path, data: Mapping[str, Any], single: Collection[str]) -> list[Any]:
    numbered = all(key.isdigit() for key in data) and all(map(_is_map, data.values()))
    if data and all(isinstance(r, dict) and (numbered or is_row(r, single)) for r in data.values()):
        return [{"id": name, **row} for name, row in data.items()]
    if isinstance(stored := data.get("docstore/data"), dict):  # of LlamaIndex
        return [one.get("__data__", one) for one in stored.values()]
    if isinstance(data.get("corpus"), dict) and "relevant_docs" in data:
        data = data["corpus"]  # of LlamaIndex, which keeps queries in the same file
    if data and not any(isinstance(value, list | dict) for value in data.values()):
        return [{"id": name, "value": text} for name, text in data.items()]
    if _are_names(data.get("columns")) and isinstance(data.get("data"), list):
        return _with_names(path, data["columns"], data["data"])
    lists = {name.casefold(): value for name, value in data.items() if _is_rows(value)}
    rows = [name for name, value in lists.items() if is_row(value[0], single)]
    chosen = [name for name in _LISTS if name in lists] or rows or list(lists)
    if lists and (len(lists) == 1 or chosen[0] in _LISTS or len(rows) == 1):
        found: list[Any] = lists[chosen[0]]
        return found
    inner = [value for value in data.values() if _is_map(value) and not lists]
    inner = [value for value in inner if any(map(_is_rows, value.values()))]
    if len(inner) == 1:
        return _held(path, inner[0], single)
    return _of_columns(path, data)


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def _with_names(path: Path, names: list[str], rows: list[Any]) -> list[_Row]:
    """Rows that are lists of cells, as in `orient="split"` of pandas."""
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, list) or len(row) != len(names):
            raise InputError(f"{path}: row {number}: not a list of {len(names)} cells")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _of_columns(path: Path, data: Mapping[str, Any]) -> list[_Row]:
    """The rows of columns as pandas writes them: lists, or objects by row name.

    Row names are ids unless they are numbers.
    """
    columns = {
        name: list(column.values()) if isinstance(column, dict) else column
        for name, column in data.items()
        if isinstance(column, list | dict)
    }
    keys = {tuple(column) for column in data.values() if isinstance(column, dict)}
    lengths = {len(column) for column in columns.values()}
    if len(columns) != len(data) or len(lengths) != 1 or len(keys) > 1:
        raise BrokenFileError(
            f"{path}: an object with {', '.join(map(repr, data)) or 'nothing'}; write a list of "
            "objects, one for each row"
        )
    rows: list[_Row] = [
        dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)
    ]
    names = next(iter(keys), ())
    if "id" in columns or all(str(name).isdigit() for name in names):
        return rows
    return [{"id": name, **row} for name, row in zip(names, rows, strict=True)]


def json_object(place: str, data: Any) -> _Row:
    if not isinstance(data, dict):
        kind = {"list": "a list", "str": "a text"}.get(type(data).__name__, type(data).__name__)
        raise InputError(f"{place}: must be an object with a key for each column, not {kind}")
    return data


def rows_of(
    path: Path, data: Any, single: Collection[str], split: str | None
) -> tuple[tuple[tuple[str, _Row], ...], tuple[str, ...]]:
    """The rows of a list or object, and a note on the split that was chosen.

    Rows of a split have a column `split`, as those of the datasets library.
    """
    if not _has_splits(data, single):
        return tuple(entries(path, data, single)), ()
    if len(data) > 1 and split not in data:
        raise InputError(
            f"{path}: splits {', '.join(data)}; choose one: `split: {next(iter(data))}`"
        )
    name = split if split in data else next(iter(data))
    rows = ((place, {"split": name, **row}) for place, row in entries(path, data[name], single))
    return tuple(rows), (f"split {name!r} of {', '.join(data)}",)


def _has_splits(data: Any, single: Collection[str]) -> bool:
    """Whether an object has a list of rows, or rows by id, for each split."""
    if not isinstance(data, dict) or not data or not all(map(_SPLIT.fullmatch, data)):
        return False
    inner = list(data.values())
    return all(_is_rows(one) or (_is_map(one) and not is_row(one, single)) for one in inner)
