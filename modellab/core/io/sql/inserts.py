"""The rows of INSERT statements, as `pg_dump --inserts` writes them.

Literals are read and nothing is worked out: a function, an expression or a SELECT is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from modellab.core.errors import InputError
from modellab.core.io.sql.names import NAMES, TABLE, listed, plain

_HEAD = re.compile(
    rf"INSERT\s+INTO\s+({TABLE})\s*(?:\(\s*({NAMES})\s*\)\s*)?"
    r"(?:OVERRIDING\s+(?:SYSTEM|USER)\s+VALUE\s+)?VALUES\s*",
    re.IGNORECASE,
)
_TYPE = (
    rf"{TABLE}(?:\s+(?:precision|varying))?(?:\s*\(\s*\d+(?:\s*,\s*\d+)?\s*\))?"
    r"(?:\s+with(?:out)?\s+time\s+zone)?(?:\[\d*\])*"
)
_CELL = re.compile(
    r"\s*(?:[eE]'(?P<escaped>[^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+)'"
    r"|[bB]?'(?P<text>[^']*+(?:''[^']*+)*+)'"
    r"|(?P<number>[-+]?(?:\d++\.?\d*+|\.\d++)(?:[eE][-+]?\d++)?)(?![\w.])"
    r"|(?P<word>NULL|TRUE|FALSE|DEFAULT)\b)"
    rf"(?:\s*::\s*{_TYPE})*\s*(?P<after>[,)])",
    re.IGNORECASE | re.DOTALL,
)
_OPENING = re.compile(r"\s*\(")
_NEXT = re.compile(r"\s*,")
_END = re.compile(r"\s*(?:ON\s+CONFLICT\s+DO\s+NOTHING\s*)?;\s*\Z", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(.)|''", re.DOTALL)
_SIGNS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
#: escapes by number, which pg_dump does not write
_NUMBERED = "xXuU01234567"
_SHOWN = 40


class Unset(Enum):
    """A cell that the server would work out: of a generated column."""

    DEFAULT = "DEFAULT"


Cell = str | None | Unset


@dataclass(frozen=True)
class Insert:
    """`columns` is None where the statement does not name them; `rows` end at what is not read."""

    table: str
    columns: list[str] | None
    rows: Iterator[list[Cell]]


def read_insert(text: str, path: str, line: int) -> Insert:
    """An INSERT of literals; booleans are `true` and `false`, numbers as they are written.

    Raises InputError (line) for anything else, as do its rows.
    """
    head = _HEAD.match(text)
    if head is None:
        raise _refusal(text, 0, path, line)
    names = head.group(2)
    rows = _rows(text, head.end(), path, line)
    return Insert(plain(head.group(1)), listed(names) if names else None, rows)


def _rows(text: str, at: int, path: str, line: int) -> Iterator[list[Cell]]:
    def found(what: re.Pattern[str], at: int) -> re.Match[str]:
        match = what.match(text, at)
        if match is None:
            raise _refusal(text, at, path, line)
        return match

    while True:
        cells: list[Cell] = []
        after, at = ",", found(_OPENING, at).end()
        while after == ",":
            cell = found(_CELL, at)
            cells.append(_cell(cell, text, path, line))
            after, at = cell.group("after"), cell.end()
        yield cells
        if _END.match(text, at):
            return
        at = found(_NEXT, at).end()


def _cell(found: re.Match[str], text: str, path: str, line: int) -> Cell:
    if (written := found.group("text")) is not None:
        return written.replace("''", "'")
    if (number := found.group("number")) is not None:
        return number
    if (escaped := found.group("escaped")) is not None:
        if any((sign.group(1) or "'") in _NUMBERED for sign in _ESCAPE.finditer(escaped)):
            raise _refusal(text, found.start(), path, line)
        return _ESCAPE.sub(_unescaped, escaped)
    word = found.group("word").upper()
    if word == "NULL":
        return None
    return Unset.DEFAULT if word == "DEFAULT" else word.lower()


def _unescaped(found: re.Match[str]) -> str:
    sign = found.group(1) or "'"
    return _SIGNS.get(sign, sign)


def _refusal(text: str, at: int, path: str, line: int) -> InputError:
    at += len(text[at:]) - len(text[at:].lstrip())
    seen = " ".join(text[at : at + _SHOWN].split())
    return InputError(
        f"{path}:{line + text.count(chr(10), 0, at)}: {seen!r} is not read: without a server, "
        "INSERT statements may hold numbers, strings, NULL, true and false only; dump without "
        "--inserts, or load into a server (url_env)"
    )
