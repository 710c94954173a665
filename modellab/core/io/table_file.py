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
from modellab.core.io.json_shapes import (
    QUOTED_OR_COMMA,
    TrailingCommaError,
    is_row,
    json_object,
    json_values,
    rows_of,
)
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
#: results of formulas that failed, as workbooks and their exports to text write them
_EXCEL_ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
)


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
        return _json(path, single, reading)
    if ending in YAML:
        data = _yaml(path, reading.encoding)
        return TableFile(*rows_of(path, data, single, reading.split))
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


def _json(path: Path, single: Collection[str], reading: TableOptions) -> TableFile:
    text, notes = read_decoded(path, reading.encoding)
    try:
        values = list(json_values(path, text))
    except TrailingCommaError:
        # spaces keep the positions of errors
        text = QUOTED_OR_COMMA.sub(lambda found: found[1] or f" {found[2]}", text)
        values = list(json_values(path, text))
        notes = (*notes, "commas before closing brackets left out")
    if len(values) != 1:
        return TableFile(tuple((place, json_object(place, data)) for place, data in values), notes)
    place, data = values[0]
    lines = kind_of(path) != ".json"
    if not isinstance(data, list | dict) or (
        isinstance(data, dict) and (lines or is_row(data, single))
    ):
        return TableFile(((place, json_object(place, data)),), notes, single=not lines)
    rows, chosen = rows_of(path, data, single, reading.split)
    return TableFile(rows, (*notes, *chosen))


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
