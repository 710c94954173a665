"""Rows of JSON files of questions: read, checked one by one, and named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_utf8
from modellab.core.io.strict_json import no_number, parse, texts
from modellab.core.records import Question

_TABLES = (".csv", ".tsv", ".parquet", ".arrow", ".feather")


class QuestionRow(BaseModel):
    """The keys of one row. Numbers may stand for text, as ids often do; others may not."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _numbers_as_texts(cls, data: Any) -> Any:
        return texts(data)


Row = TypeVar("Row", bound=QuestionRow)


def read_rows_as(kind: type[Row], path: Path) -> list[tuple[str, Row]]:
    """The rows of a JSON list or a JSON Lines file, each with its place (file and row).

    Raises InputError for a file that is neither, or has no rows, and for a wrong row.
    """
    if path.suffix.lower() in _TABLES:
        raise InputError(f"{path}: not JSON by its name; `format: table` reads such a file")
    text = read_utf8(path)
    found = list(_list(path, text) if text.lstrip().startswith("[") else _lines(path, text))
    if not found:
        raise InputError(f"{path}: no questions; write one JSON object for each")
    return [(place, _checked(kind, place, data)) for place, data in found]


def named(questions: Iterable[Question]) -> list[Question]:
    """The questions with an id each: their own, or one made of the question's text.

    Raises InputError for an id that stands twice.
    """
    found: dict[str, Question] = {}
    for question in questions:
        name = question.id.strip() or _made_id(question.text, found)
        if name in found:
            raise InputError(
                f"{question.source}: id {name!r} stands already in {found[name].source}; "
                "give each question an id of its own"
            )
        found[name] = replace(question, id=name)
    return list(found.values())


def _list(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    try:
        rows = parse(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not valid JSON ({error})") from None
    for number, row in enumerate(rows, start=1):
        yield f"{path}: row {number}", row


def _lines(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield f"{path}:{number}", parse(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}:{number}: not valid JSON ({error})") from None


def _checked(kind: type[Row], place: str, data: Any) -> Row:
    if problem := no_number(data):
        raise InputError(f"{place}: {problem}")
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        known = ", ".join(kind.model_fields)
        about = f"unknown key (known: {known})" if first["type"] == "extra_forbidden" else None
        raise InputError(f"{place}: {key or 'row'}: {about or first['msg']}") from None


def _made_id(text: str, taken: Iterable[str]) -> str:
    """The same for the same text; a second question with it gets a number."""
    base = "q-" + hashlib.sha256(text.encode()).hexdigest()[:12]
    return next(
        name
        for number in range(1, 10**9)
        if (name := base if number == 1 else f"{base}-{number}") not in taken
    )
