"""Reading tables in any format: delimited text, JSON in its usual shapes and YAML (all may be
compressed), Parquet, Arrow, Excel workbooks, and folders of the datasets library.
"""

import codecs
import datetime
import decimal
import json
import math
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from modellab.core.errors import BrokenFileError, InputError
from modellab.core.io.dataset_folder import read_arrow_file, read_dataset_folder
from modellab.core.io.delimited import Decimal, read_delimited
from modellab.core.io.encoding import (
    read_decoded,
    read_text_bytes,
    without_compression,
    zip_member,
)
from modellab.core.io.jsonl import TABLE_DECODER
from modellab.core.io.topics import START_OF_TOPICS, topics
from modellab.core.io.workbook import read_workbook
from modellab.core.options import Options
from modellab.core.text.json_reading import field_text

Row = Mapping[str, Any]

JSON = (".json", ".jsonl", ".ndjson")
YAML = (".yaml", ".yml")
DELIMITED = (".csv", ".tsv", ".tab", ".psv")
PARQUET, ARROW = (".parquet", ".pq"), (".arrow", ".feather")
WORKBOOK = (".xlsx", ".xlsm", ".ods", ".xls", ".xlsb")
#: an archive of inspect, with a JSON file for each sample
INSPECT = ".eval"
#: topics of TREC, whatever the file is called
TOPICS = ".topics"
#: extensions of tables; other files are read as JSON or delimited text by their content
ENDINGS = (*JSON, *DELIMITED, *PARQUET, *ARROW, *WORKBOOK, INSPECT)
#: names of the list of rows in an object with several lists, the likeliest first
_LISTS = (
    *("questions", "samples", "data", "tests", "testcases", "examples", "rows", "items"),
    "documents",
)

#: results of formulas that failed, as workbooks and their exports to text write them
_EXCEL_ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
)
#: a text in quotes, or a trailing comma outside of them
_QUOTED_OR_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(\s*[\]}])', re.DOTALL)


class TableOptions(Options):
    """How tables of questions, documents and answers are read."""

    encoding: str | None = Field(
        None, description="the encoding of a text file, such as cp1252; null: UTF-8, or detected"
    )
    delimiter: str | None = Field(
        None, min_length=1, max_length=1, description="the delimiter of cells; null: detected"
    )
    sheet: str | None = Field(
        None, description="the sheet of a workbook; null: the only one with the columns wanted"
    )
    split: str | None = Field(
        None, description="the split of a folder of the datasets library; null: the only one"
    )
    subset: str | None = Field(
        None, description="the subset (configuration) of such a folder; null: the only one"
    )

    @field_validator("encoding")
    @classmethod
    def _check_encoding(cls, name: str | None) -> str | None:
        try:
            codecs.lookup(name or "utf-8")
        except LookupError:
            raise ValueError(f"unknown encoding {name!r}; such as utf-8 or cp1252") from None
        return name

    def table_options(self) -> dict[str, str]:
        """Those of the options above that are set."""
        found = self.model_dump(include=set(TableOptions.model_fields))
        return {name: value for name, value in found.items() if value is not None}


#: everything detected
DETECTED = TableOptions()


@dataclass(frozen=True)
class TableFile:
    """Rows with their place (file and row), and notes on what was assumed.

    Cells of delimited text are text, others have their types. `single`: the file is one JSON
    object, which is the only row.
    """

    rows: tuple[tuple[str, Row], ...]
    notes: tuple[str, ...] = ()
    single: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All names of all rows, in order of appearance."""
        return tuple(dict.fromkeys(name for _, row in self.rows for name in row))


def read_table(
    path: Path,
    known: Collection[str] = (),
    single: Collection[str] = (),
    reading: TableOptions = DETECTED,
    numbers: Collection[str] = (),
    decimal_mark: Decimal | None = None,
) -> TableFile:
    """The rows of a file or folder.

    `known` are expected column names, which decide between delimiters and sheets; `numbers` are
    columns of numbers, which may have decimal commas in delimited text (`decimal_mark`; None:
    detected). A JSON object with a key in `single` (lower case) is a row itself, not a container
    of rows.

    Raises InputError (file, row) for a malformed file, and BrokenFileError for one of which nothing
    can be read.
    """
    if path.is_dir():
        rows, notes = read_dataset_folder(path, reading.split, reading.subset)
        return TableFile(tuple(rows), notes)
    ending = kind_of(path)
    if ending in JSON:
        return _json(path, single, reading.encoding)
    if ending in YAML:
        return TableFile(tuple(_entries(path, _yaml(path, reading.encoding), single)))
    if ending in (*PARQUET, *ARROW):
        return TableFile(tuple(read_arrow_file(path, ending in PARQUET)))
    if ending == INSPECT:
        return TableFile(tuple(_samples(path)))
    if ending == TOPICS:
        text, notes = read_decoded(path, reading.encoding)
        return TableFile(tuple(topics(path, text)), notes)
    if ending in WORKBOOK:
        return TableFile(*read_workbook(path, known, reading.sheet))
    read = read_delimited(path, known, reading.encoding, reading.delimiter, decimal_mark, numbers)
    found = zip(read.lines, read.rows, strict=True)
    return TableFile(tuple((f"{path}:{line}", row) for line, row in found), read.notes)


def has_tables(folder: Path) -> bool:
    """Whether a folder contains a table."""
    return any(file.name.lower().endswith(ENDINGS) for file in folder.rglob("*"))


def kind_of(path: Path) -> str:
    """The extension that decides how a file is read: its own, or by its first characters."""
    name = without_compression(path.name)
    ending = next((ending for ending in (*ENDINGS, *YAML) if name.endswith(ending)), None)
    if ending is not None:
        return ending
    start = read_text_bytes(path)[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if START_OF_TOPICS.match(start):
        return TOPICS
    return ".json" if start[:1] in (b"{", b"[") else ".csv"


def _samples(path: Path) -> Iterator[tuple[str, Row]]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(n for n in archive.namelist() if n.startswith("samples/"))
            rows = [(f"{path}: {name}", json.loads(zip_member(archive, name))) for name in names]
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise BrokenFileError(f"{path}: not a log of inspect ({error})") from None
    if not rows:
        raise InputError(f"{path}: a log of inspect without samples")
    yield from rows


def _json(path: Path, single: Collection[str], encoding: str | None) -> TableFile:
    text, notes = read_decoded(path, encoding)
    try:
        values = list(_values(path, text))
    except _TrailingCommaError:
        # spaces keep the positions of errors
        text = _QUOTED_OR_COMMA.sub(lambda found: found[1] or f" {found[2]}", text)
        values = list(_values(path, text))
        notes = (*notes, "commas before closing brackets left out")
    if len(values) != 1:
        return TableFile(tuple((place, _object(place, data)) for place, data in values), notes)
    place, data = values[0]
    lines = kind_of(path) != ".json"
    if not isinstance(data, list | dict) or (
        isinstance(data, dict) and (lines or _is_row(data, single))
    ):
        return TableFile(((place, _object(place, data)),), notes, single=not lines)
    return TableFile(tuple(_entries(path, data, single)), notes)


def _yaml(path: Path, encoding: str | None) -> Any:
    """The list or map of a YAML file; scalars are texts as written (007, yes), or null."""
    import yaml

    class Texts(yaml.BaseLoader):
        pass

    Texts.add_implicit_resolver(
        "tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)$"), None
    )
    Texts.add_constructor("tag:yaml.org,2002:null", lambda _loader, _node: None)
    try:
        data = yaml.load(read_decoded(path, encoding).text, Texts)  # noqa: S506 (texts only)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise InputError(f"{path}{line}: not valid YAML") from None
    if not isinstance(data, list | dict):
        raise InputError(f"{path}: not a list of rows; write one map for each")
    return data


class _TrailingCommaError(InputError):
    """A trailing comma, as in JSON written by hand."""


def _values(path: Path, text: str) -> Iterator[tuple[str, Any]]:
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
            kind = _TrailingCommaError if trailing else InputError
            raise kind(f"{path}:{error.lineno}: not valid JSON ({error.msg})") from None
        except ValueError as error:
            raise InputError(f"{path}:{line}: {error}") from None
        except RecursionError:
            raise InputError(f"{path}:{line}: not valid JSON (nested too deep)") from None
        yield f"{path}:{line}", value
        line += text.count("\n", at, end)
        at = end


def _is_row(data: Mapping[str, Any], single: Collection[str]) -> bool:
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


def _entries(path: Path, data: Any, single: Collection[str]) -> Iterator[tuple[str, Row]]:
    """The rows of a list, or of an object with rows by id, a list of rows, or columns."""
    if isinstance(data, dict):
        data = _held(path, data, single)
    elif data and all(isinstance(row, list) for row in data) and _are_names(data[0]):
        data = _with_names(path, data[0], data[1:])
    elif _are_names(data):
        data = [{"value": text} for text in data]
    for number, entry in enumerate(data, start=1):
        where = f"{path}: row {number}"
        yield where, _object(where, entry)


def _held(path: Path, data: Mapping[str, Any], single: Collection[str]) -> list[Any]:
    numbered = all(key.isdigit() for key in data) and all(map(_is_map, data.values()))
    if data and all(
        isinstance(r, dict) and (numbered or _is_row(r, single)) for r in data.values()
    ):
        return [{"id": name, **row} for name, row in data.items()]
    if isinstance(data.get("corpus"), dict) and "relevant_docs" in data:
        data = data["corpus"]  # of LlamaIndex, which keeps queries in the same file
    if data and not any(isinstance(value, list | dict) for value in data.values()):
        return [{"id": name, "value": text} for name, text in data.items()]
    if _are_names(data.get("columns")) and isinstance(data.get("data"), list):
        return _with_names(path, data["columns"], data["data"])
    lists = {name.casefold(): value for name, value in data.items() if _is_rows(value)}
    rows = [name for name, value in lists.items() if _is_row(value[0], single)]
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


def _with_names(path: Path, names: list[str], rows: list[Any]) -> list[Row]:
    """Rows that are lists of cells, as in `orient="split"` of pandas."""
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, list) or len(row) != len(names):
            raise InputError(f"{path}: row {number}: not a list of {len(names)} cells")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _of_columns(path: Path, data: Mapping[str, Any]) -> list[Row]:
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
        raise InputError(
            f"{path}: an object with {', '.join(map(repr, data)) or 'nothing'}; write a list of "
            "objects, one for each row"
        )
    rows: list[Row] = [
        dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)
    ]
    names = next(iter(keys), ())
    if "id" in columns or all(str(name).isdigit() for name in names):
        return rows
    return [{"id": name, **row} for name, row in zip(names, rows, strict=True)]


def _object(place: str, data: Any) -> Row:
    if not isinstance(data, dict):
        kind = {"list": "a list", "str": "a text"}.get(type(data).__name__, type(data).__name__)
        raise InputError(f"{place}: must be an object with a key for each column, not {kind}")
    return data


def cell_number(place: str, what: str, text: str) -> float:
    """A cell of text as a finite number. Raises InputError (place)."""
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise InputError(f"{place}: the {what} {text!r} is not a number")
    return found


def cell_text(place: str, value: Any) -> str:
    """A cell as text: 1998.0 is 1998, None and NaN are empty. Raises InputError (place) for a list
    or a map.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        if value in _EXCEL_ERRORS:
            raise InputError(f"{place}: the spreadsheet's error {value}; correct its formula")
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return field_text(value)
    if isinstance(value, datetime.datetime):
        return str(value.date() if value.time() == datetime.time() else value)
    if isinstance(value, datetime.date | datetime.time | decimal.Decimal):
        return str(value)
    kind = {"dict": "a map", "list": "a list"}.get(type(value).__name__, type(value).__name__)
    raise InputError(f"{place}: must be text or a number, not {kind}")
