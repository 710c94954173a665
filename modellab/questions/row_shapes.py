"""Rows of several shapes as rows of a plain table: lists of questions, objects, numbers."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from modellab.core.io.columns import plain_name
from modellab.core.io.table_file import Row
from modellab.core.text.json_reading import written_value
from modellab.questions.table_columns import NAMES

#: keys of a list of questions in a row
_LISTED = ("questions", "qas", "qa_pairs", "qa")
_IDS = tuple(name for line in NAMES["id"] for name in line)
_NUMBERED = re.compile(r"(?:reference_)?answer_?\d")


def each_asked(
    rows: list[tuple[str, Row]], names: Collection[str]
) -> tuple[list[tuple[str, Row]], list[str]]:
    """A row for each question, if rows have a list of them and no question beside it; a note."""
    rows = [(place, _with_texts(row)) for place, row in rows]
    key = next((key for key in _LISTED if _are_asked(rows[0][1].get(key), names)), None)
    if key is None or any(plain_name(name) in names for name in rows[0][1] if name != key):
        return rows, []
    found: list[tuple[str, Row]] = []
    for place, row in rows:
        others = {name: value for name, value in row.items() if name != key}
        outer = next((row[name] for name in _IDS if row.get(name) is not None), None)
        for number, one in enumerate(row.get(key) or (), start=1):
            name = {} if outer is None or {*_IDS} & set(one) else {"id": f"{outer}_{number}"}
            found.append((f"{place}, {key} {number}", {**others, **name, **one}))
    without = sum(not row.get(key) for _, row in rows)
    more = [f"{without} rows without {key!r} left out"] if without else []
    return found, [f"a question for each entry of {key!r}", *more]


def _with_texts(row: Row) -> Row:
    """A row with objects for a list of questions that are texts, perhaps with as many answers."""
    asked, answers = row.get("questions"), row.get("answers")
    if not isinstance(asked, list) or not all(isinstance(text, str) for text in asked):
        return row
    if not isinstance(answers, list) or len(answers) != len(asked):
        return {**row, "questions": [{"question": text} for text in asked]}
    pairs = zip(asked, answers, strict=True)
    others = {name: value for name, value in row.items() if name != "answers"}
    return {**others, "questions": [{"question": text, "answer": one} for text, one in pairs]}


def _are_asked(value: Any, names: Collection[str]) -> bool:
    listed = isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)
    return listed and any(plain_name(str(name)) in names for name in value[0])


def active(rows: Sequence[tuple[str, Row]]) -> tuple[list[tuple[str, Row]], tuple[str, ...]]:
    """The rows that are not archived, as items of Langfuse's data sets may be, and a note."""
    states = [str(row.get("status")).upper() for _, row in rows]
    if not {*states} <= {"ACTIVE", "ARCHIVED"} or "ARCHIVED" not in states:
        return list(rows), ()
    kept = [one for one, state in zip(rows, states, strict=True) if state == "ACTIVE"]
    return kept, (f"{len(rows) - len(kept)} archived rows left out",)


def with_numbered(row: Row) -> Row:
    """A row with its columns `answer_1`, `answer_2`, ... as one list, if it has no other answer."""
    numbered = [name for name in row if _NUMBERED.fullmatch(plain_name(name))]
    if len(numbered) < 2 or {"answer", "answers"} & {plain_name(name) for name in row}:
        return row
    others = {name: value for name, value in row.items() if name not in numbered}
    answers = [value for name in numbered if (value := row[name]) not in (None, "")]
    return {**others, "answers": answers}


def with_maps(rows: Sequence[tuple[str, Row]]) -> list[tuple[str, Row]]:
    """The rows with maps for columns of maps written as JSON or Python (LangSmith, SimpleQA).

    Texts written as JSON, as in exports of Langfuse, are without their quotes.
    """
    maps = {
        name: value.startswith("{")
        for name, value in rows[0][1].items()
        if isinstance(value, str) and value.startswith(("{", '"'))
    }
    names = [
        name
        for name, of_maps in maps.items()
        if all(_is_written(row.get(name), Mapping if of_maps else str) for _, row in rows)
    ]
    return [
        (at, {**row, **{n: _written_map(row.get(n)) for n in names if row.get(n) or maps[n]}})
        for at, row in rows
    ]


def _is_written(value: Any, kind: type) -> bool:
    """Whether a cell is empty, or a map or a text in quotes."""
    quoted = kind is not str or (isinstance(value, str) and value.startswith('"'))
    return not value or (quoted and isinstance(_written_map(value), kind))


def _written_map(value: Any) -> Any:
    """The map that a text is in JSON or Python syntax; an empty one for no text, else the value."""
    if not isinstance(value, str) or not value.strip():
        return value or {}
    found = written_value(value)
    return value if found is None else found


def keys_inside(rows: Iterable[tuple[str, Row]]) -> tuple[str, ...]:
    """The keys of objects in cells, as `column.key`."""
    names = (
        f"{name}.{inner}"
        for _, row in rows
        for name, value in row.items()
        if isinstance(value, Mapping)
        for inner in value
    )
    return tuple(dict.fromkeys(names))


def with_inner(row: Row, names: Iterable[str]) -> Row:
    """A row with further columns for the keys of its objects."""
    parts = ((name, *name.partition(".")) for name in names)
    inner = {
        name: row[outer].get(key)
        for name, outer, _, key in parts
        if isinstance(row.get(outer), Mapping)
    }
    return {**row, **inner} if inner else row


def without_nothing(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without its empty columns."""
    return {name: value for name, value in row.items() if value not in (None, "", [], {})}
