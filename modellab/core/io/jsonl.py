"""JSON, and JSON Lines with dataclasses as rows. Keys are in the order of the fields."""

import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from modellab.core.errors import InputError
from modellab.core.io.atomic import atomic_file
from modellab.core.io.encoding import opening, read_utf8
from modellab.core.options import first_problem
from modellab.core.text.json_reading import field_text

Row = TypeVar("Row")
#: larger whole numbers are not exact as floats
_LARGEST = 2.0**53
_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)


def dump_json(value: Any) -> str:
    """One line of JSON. Raises ValueError or TypeError for NaN, infinities and unknown types."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_fields_of)


def _fields_of(row: Any) -> dict[str, Any]:
    """The fields of a dataclass, without the deep copy that `asdict` makes."""
    if not is_dataclass(row):
        raise TypeError(f"Object of type {type(row).__name__} is not JSON serializable")
    return vars(row)


def write_json(path: Path, value: Any) -> None:
    with atomic_file(path) as handle:
        handle.write(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2) + "\n")


def read_json(path: Path) -> Any:
    text = read_utf8(path)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not valid JSON ({error})") from None


def read_record(path: Path, kind: type[Row]) -> Row:
    """A dataclass from a file of JSON; unknown keys are ignored.

    Raises InputError with the file and the key.
    """
    try:
        record: Row = _adapter(kind).validate_python(read_json(path))
    except ValidationError as error:
        raise InputError(f"{path}: {first_problem(error, 'record')}") from None
    return record


def write_rows(path: Path, rows: Iterable[Any]) -> None:
    """Write one JSON object per row (a dataclass or a map), atomically."""
    with atomic_file(path) as handle:
        for row in rows:
            handle.write(dump_json(row) + "\n")


def read_rows(path: Path, kind: type[Row]) -> list[Row]:
    """Read the rows of `write_rows`. Raises InputError with file and line."""
    adapter = _adapter(kind)
    return [_row(adapter, line, path, number) for number, line in _lines(path)]


def read_json_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file as JSON objects. Raises InputError with file and line."""
    return (_object(line, path, number) for number, line in _lines(path))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines with something in them, and their numbers."""
    try:
        with opening(path), path.open(encoding="utf-8") as handle:
            for number, line in enumerate(handle, start=1):
                if line.strip():
                    yield number, line
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8") from None


def _object(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}:{number}: not valid JSON ({error})") from None
    if not isinstance(row, dict):
        raise InputError(f"{path}:{number}: not a JSON object")
    return row


def _row(adapter: TypeAdapter[Row], line: str, path: Path, number: int) -> Row:
    try:
        return adapter.validate_json(line)
    except ValidationError as error:
        raise InputError(f"{path}:{number}: {first_problem(error, 'row')}") from None


def _number(text: str) -> float | int:
    """A float of JSON; 1998.0, as pandas writes whole numbers, is 1998."""
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is not a JSON number; write null, or quote it")
    return int(number) if number.is_integer() and abs(number) <= _LARGEST else number


#: of tables: NaN, as pandas writes it, is null; infinities and overflows are a ValueError
TABLE_DECODER = json.JSONDecoder(
    parse_constant=lambda text: None if text == "NaN" else _number(text), parse_float=_number
)


def without_exponents(value: Any) -> Any:
    """A value with floats as texts, one level deep: 1e-05 is 0.00001, as people write it."""
    if isinstance(value, dict):
        return {k: without_exponents(v) if isinstance(v, float) else v for k, v in value.items()}
    return field_text(value) if isinstance(value, float) else value
