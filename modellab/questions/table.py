"""Questions in a table as people have it: a question column, an answer column, other names."""

from __future__ import annotations

import ast
import datetime
import json
import logging
import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from modellab.core.errors import InputError
from modellab.core.io.table_file import Row, read_table_file
from modellab.core.records import Question, Relevance
from modellab.core.text.blank import is_blank
from modellab.core.text.json_reading import field_text
from modellab.core.values.ids import read_ids
from modellab.questions.answers import first_and_others, list_of_numbers
from modellab.questions.protocol import QuestionFormat
from modellab.questions.rows import named
from modellab.questions.table_columns import Field as TableField
from modellab.questions.table_columns import known_names, question_names, recognised, told

log = logging.getLogger(__name__)

_TRUTHS = ("answer", "answer_value", "answer_unit", "label")
_TRUE = ("1", "1.0", "true", "t", "yes", "y")
_FALSE = ("", "0", "0.0", "false", "f", "no", "n")


class TableFormat(QuestionFormat):
    """A row per question, with columns of names that the field uses, or that `columns` tells."""

    kind: Literal["table"] = Field(
        description="A table: CSV or TSV of any delimiter, JSON, JSON Lines, Parquet, Arrow."
    )
    columns: dict[TableField, str] = Field(
        default_factory=dict,
        description="by field the column that holds it, such as `{question: Frage}`; others are "
        "recognised by their names",
    )
    tag_columns: tuple[str, ...] = Field((), description="columns whose cells become tags")
    encoding: str | None = Field(
        None, description="the encoding of a text file; null: UTF-8, or what its bytes say"
    )
    delimiter: str | None = Field(
        None, min_length=1, max_length=1, description="what stands between cells; null: detected"
    )

    def truths(self) -> frozenset[str]:
        return frozenset(_TRUTHS)

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                "".encode(name)
            except LookupError:
                raise ValueError(f"unknown encoding {name!r}; such as utf-8 or cp1252") from None
        return name

    def read(self, path: Path) -> list[Question]:
        """The questions; one log line says which column was taken for what.

        Raises InputError (file, row) for what is wrong, and for what would have to be guessed.
        """
        columns: Mapping[str, str] = {str(field): name for field, name in self.columns.items()}
        known = known_names(columns) | {*self.tag_columns}
        file = read_table_file(path, known, question_names(columns), self.encoding, self.delimiter)
        there = list(dict.fromkeys(name for _, row in file.rows for name in row))
        found = recognised(path, there, columns)
        missing = [name for name in self.tag_columns if name not in there]
        if missing:
            raise InputError(f"{path}: no column {missing[0]!r} (found: {', '.join(there)})")
        questions = named(
            self._question(place, str(number), row, found)
            for number, (place, row) in enumerate(file.rows, start=1)
        )
        used = {**found, **{f"tag {name}": name for name in self.tag_columns}}
        log.info("%s: %s", path, "; ".join([told(there, used), *file.notes]))
        return questions

    def _question(self, place: str, number: str, row: Row, found: Mapping[str, str]) -> Question:
        def several(field: str) -> tuple[str, ...]:
            name = found.get(field)
            return () if name is None else _texts(f"{place}: {name}", row.get(name))

        def one(field: str) -> str:
            name = found.get(field)
            return "" if name is None else _text(f"{place}: {name}", row.get(name))

        def ids(field: str) -> tuple[str, ...]:
            cells = row.get(found.get(field, ""))
            names = read_ids(cells) if isinstance(cells, str) else several(field)
            return tuple(name for name in names if not is_blank(name))

        text = one("question")
        if not text.strip():
            raise InputError(f"{place}: the question is empty; write its text or drop the row")
        name = one("id").strip()
        if "id" in found and not name:
            raise InputError(f"{place}: the id is empty; give each question an id of its own")
        truth, others = first_and_others(place, (*several("answer"), *several("other_answers")))
        empty = "answer" in found and not truth and _is_empty_list(row.get(found["answer"]))
        if "answer" in found and not truth and not empty:
            truth = {"answer": ""}
        return Question(
            id=name or number,
            text=text,
            given={"answer_unit": one("answer_unit")} if "answer_unit" in found else {},
            truth={**truth, **{field: one(field) for field in _TRUTHS[1:] if field in found}},
            references=(),
            tags=tuple(dict.fromkeys(filter(None, self._tags(place, row)))),
            relevance=Relevance(
                ids("references"),
                ids("urls"),
                several("contexts"),
            ),
            source=place,
            unanswerable=empty or _is_true(place, one("unanswerable")),
            other_answers=others,
        )

    def _tags(self, place: str, row: Row) -> Iterator[str]:
        for name in self.tag_columns:
            yield from (tag.strip() for tag in _texts(f"{place}: {name}", row.get(name)))


def _texts(place: str, value: Any) -> tuple[str, ...]:
    """The texts of a cell: a list (also of lists), one as JSON or Python writes it, or one text.

    SQuAD's `{"text": [...]}` is its list, and its `[{"text": ...}]` too. A written list with a
    number in it is one text, and so is a list of numbers: the range [80,90] is not two answers.
    """
    if isinstance(value, Mapping) and isinstance(value.get("text"), list):
        value = value["text"]
    if isinstance(value, str):
        written = _written_list(value)
        value = value if written is None else written
    value = list_of_numbers(value) or value
    items = [_said(item) for item in value] if isinstance(value, list) else [value]
    flat = [one for item in items for one in (item if isinstance(item, list) else [item])]
    return tuple(text for item in flat if (text := _text(place, item)).strip())


def _said(item: Any) -> Any:
    return item["text"] if isinstance(item, Mapping) and "text" in item else item


def _written_list(text: str) -> list[str] | None:
    if not (text.strip().startswith("[") and text.strip().endswith("]")):
        return None
    for reader in (json.loads, ast.literal_eval):
        try:
            found = reader(text.strip())
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            continue
        if isinstance(found, list) and all(isinstance(item, str) for item in found):
            return found
    return None


def _text(place: str, value: Any) -> str:
    """A cell as text: numbers as short as they go (1998.0 is 1998); nothing is the empty text."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return field_text(value)
    if isinstance(value, datetime.date | datetime.time | Decimal):
        return str(value)
    raise InputError(f"{place}: must be text or a number, not {type(value).__name__}")


def _is_empty_list(value: Any) -> bool:
    if isinstance(value, Mapping):
        value = value.get("text")
    return value == [] or (isinstance(value, str) and value.strip() == "[]")


def _is_true(place: str, text: str) -> bool:
    plain = text.strip().lower()
    if plain not in (*_TRUE, *_FALSE):
        raise InputError(f"{place}: unanswerable is {text!r}; write true or false")
    return plain in _TRUE
