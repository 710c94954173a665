"""A dump as an SQLite file: its tables and rows, with no server and none of its SQL run.

Only the names and types of columns are read, and the rows behind each COPY. Keys, views and
functions are left out; vectors and lists stay text, as PostgreSQL writes them.
"""

from __future__ import annotations

import codecs
import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from modellab.databases.dump import plain_sql
from modellab.databases.statements import Statement, statements
from modellab.errors import InputError

_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_TABLE = re.compile(rf"CREATE\s+(?:UNLOGGED\s+)?TABLE\s+({_NAME}(?:\.{_NAME})?)\s*\((.*)\)", re.S)
_COPY = re.compile(rf"COPY\s+({_NAME}(?:\.{_NAME})?)\s*\(([^)]*)\)\s+FROM\s+stdin", re.S | re.I)
_COLUMN = re.compile(rf"\s*({_NAME})\s+(\w+)")
_ENCODING = re.compile(rb"SET\s+client_encoding\s*=\s*'([\w-]+)'", re.I)
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)", re.S)
_SIGNS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_NULL = r"\N"
_TYPES = {
    **dict.fromkeys(("smallint", "integer", "bigint", "boolean"), "INTEGER"),
    **dict.fromkeys(("real", "double", "numeric"), "REAL"),
}
_BOOLEANS = {"t": 1, "f": 0}
#: rows that are put in at a time
_BATCH = 1000

#: by table and column: the type that PostgreSQL has for it
Types = dict[str, dict[str, str]]


def load_embedded(path: Path, dump: Path) -> dict[str, int]:
    """Write the tables of a dump into a new SQLite file; how many rows each has.

    Raises InputError (line) for a dump that cannot be read, holds no rows, or has them as INSERT
    statements. The file appears complete or not at all.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        connection = sqlite3.connect(part)
        try:
            with connection:
                counts = _fill(connection, dump)
        finally:
            connection.close()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return counts


def _fill(connection: sqlite3.Connection, dump: Path) -> dict[str, int]:
    types: Types = {}
    counts: dict[str, int] = {}
    encoding = "utf-8"
    with plain_sql(dump) as (stream, _head):
        for statement in statements(stream, str(dump)):
            if found := _ENCODING.match(statement.text):
                encoding = _codec(found.group(1).decode(), f"{dump}:{statement.line}")
            text = statement.text.decode(encoding, "replace")
            if table := _TABLE.match(text):
                types[_plain(table.group(1))] = dict(_columns(table.group(2)))
            elif re.match(r"INSERT\s+INTO\b", text, re.I):
                raise InputError(
                    f"{dump}:{statement.line}: rows as INSERT statements need a PostgreSQL server "
                    "(url_env); or dump without --inserts"
                )
            elif statement.rows is not None:
                name = _copy(connection, f"{dump}:{statement.line}", statement, encoding, types)
                counts[name] = connection.execute(
                    f"SELECT count(*) FROM {_quoted(name)}"  # noqa: S608
                ).fetchone()[0]
    if not any(counts.values()):
        raise InputError(f"{dump}: holds no rows of any table; dump with data")
    return dict(sorted(counts.items()))


def _copy(
    connection: sqlite3.Connection, where: str, statement: Statement, encoding: str, types: Types
) -> str:
    found = _COPY.match(statement.text.decode(encoding, "replace"))
    if found is None or statement.rows is None:
        raise InputError(f"{where}: a COPY without its columns' names; make the dump with pg_dump")
    name = _plain(found.group(1))
    columns = [_unquoted(column.strip()) for column in found.group(2).split(",")]
    kinds = [types.get(name, {}).get(column, "text") for column in columns]
    declared = ", ".join(
        f"{_quoted(column)} {_TYPES.get(kind, 'TEXT')}"
        for column, kind in zip(columns, kinds, strict=True)
    )
    connection.execute(f"CREATE TABLE {_quoted(name)} ({declared})")
    places = ", ".join("?" * len(columns))
    connection.executemany(
        f"INSERT INTO {_quoted(name)} VALUES ({places})",  # noqa: S608
        _rows(statement, where, encoding, kinds),
    )
    return name


def _rows(
    statement: Statement, where: str, encoding: str, kinds: list[str]
) -> Iterator[list[str | int | None]]:
    for number, line in enumerate(statement.rows or (), start=1):
        try:
            cells = line.decode(encoding).removesuffix("\n").removesuffix("\r").split("\t")
        except UnicodeDecodeError as error:
            raise InputError(f"{where}: row {number}: not {encoding} ({error.reason})") from None
        if len(cells) != len(kinds):
            raise InputError(
                f"{where}: row {number}: {len(cells)} cells, expected {len(kinds)} (torn dump?)"
            )
        yield [_value(cell, kind) for cell, kind in zip(cells, kinds, strict=True)]


def _value(cell: str, kind: str) -> str | int | None:
    """A cell of COPY's text format; SQLite turns digits into numbers by the column's type."""
    if cell == _NULL:
        return None
    if kind == "boolean":
        return _BOOLEANS.get(cell, cell)
    return _ESCAPE.sub(_unescaped, cell) if "\\" in cell else cell


def _unescaped(found: re.Match[str]) -> str:
    sign = found.group(1)
    if sign[0] == "x" and len(sign) > 1:
        return chr(int(sign[1:], 16))
    return chr(int(sign, 8)) if sign.isdigit() and sign < "8" else _SIGNS.get(sign, sign)


def _columns(body: str) -> Iterator[tuple[str, str]]:
    """Names and first words of types; constraints come along and do no harm."""
    for line in body.split("\n"):
        if found := _COLUMN.match(line):
            yield _unquoted(found.group(1)), found.group(2).lower()


def _plain(name: str) -> str:
    """The name as people write it: without quotes, and without the schema `public`."""
    parts = re.findall(_NAME, name)
    return ".".join(_unquoted(part) for part in parts).removeprefix("public.")


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _codec(name: str, where: str) -> str:
    """Python's name of an encoding of PostgreSQL. Raises InputError for one that it lacks."""
    known: Mapping[str, str] = {"SQL_ASCII": "utf-8", "UTF8": "utf-8"}
    plain = known.get(name.upper(), re.sub(r"^WIN(\d+)$", r"cp\1", name.upper()))
    try:
        return codecs.lookup(plain).name
    except LookupError:
        raise InputError(f"{where}: unknown encoding {name!r}; dump with -E UTF8") from None
