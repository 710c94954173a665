"""A dump as an SQLite file: its tables and rows, with no server and none of its SQL run.

Only the names and types of columns are read, and the rows behind each COPY or in INSERT
statements. Keys, views and functions are left out; vectors and lists stay text, as PostgreSQL
writes them.
"""

from __future__ import annotations

import codecs
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.io.sql.dump import plain_sql
from modellab.core.io.sql.inserts import Unset, read_insert
from modellab.core.io.sql.names import NAME, NAMES, TABLE, listed, plain, quoted
from modellab.core.io.sql.statements import Statement, statements

_TABLE = re.compile(rf"CREATE\s+(?:UNLOGGED\s+)?TABLE\s+({TABLE})\s*\((.*)\)", re.S)
_COPY = re.compile(rf"COPY\s+({TABLE})\s*\(\s*({NAMES})\s*\)\s+FROM\s+stdin", re.S | re.I)
_INSERT = re.compile(r"INSERT\s+INTO\b", re.I)
_COLUMN = re.compile(rf'\s*(?!CONSTRAINT\b)({NAME})\s+"?(\w+)')
#: what stands between the definitions of columns, and what may hide it
_BETWEEN = re.compile(r"'[^']*'|\"[^\"]*\"|[(),]")
_ENCODING = re.compile(rb"SET\s+client_encoding\s*=\s*'([\w-]+)'", re.I)
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)", re.S)
_SIGNS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_NULL = r"\N"
_TYPES = {
    **dict.fromkeys(("smallint", "integer", "bigint", "boolean"), "INTEGER"),
    **dict.fromkeys(("real", "double", "numeric"), "REAL"),
}
_BOOLEANS = {"t": 1, "f": 0, "true": 1, "false": 0}

#: by table and column, in their order: the first word of PostgreSQL's type
Types = dict[str, dict[str, str]]
Value = str | int | None


def load_embedded(path: Path, dump: Path) -> dict[str, int]:
    """Write the tables of a dump into a new SQLite file; how many rows each has.

    Raises InputError (line) for a dump that cannot be read or holds no rows. The file appears
    complete or not at all.
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
    tables = _Tables(connection)
    encoding = "utf-8"
    with plain_sql(dump) as (stream, _head):
        for statement in statements(stream, str(dump)):
            where = f"{dump}:{statement.line}"
            if found := _ENCODING.match(statement.text):
                encoding = _codec(found.group(1).decode(), where)
            text = statement.text.decode(encoding, "replace")
            if table := _TABLE.match(text):
                types[plain(table.group(1))] = dict(_columns(table.group(2)))
            elif _INSERT.match(text):
                _insert(tables, dump, statement, encoding, types)
            elif statement.rows is not None:
                _copy(tables, where, statement, encoding, types)
    counts = tables.counts()
    if not any(counts.values()):
        raise InputError(f"{dump}: holds no rows of any table; dump with data")
    return counts


class _Tables:
    """The tables of the file, each made when its first rows come."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._columns: dict[str, dict[str, str]] = {}

    def add(
        self, where: str, name: str, kinds: Mapping[str, str], rows: Iterable[Sequence[Value]]
    ) -> None:
        """Put rows into a table; `kinds` are its columns with their types.

        Raises InputError (where) for what SQLite cannot hold, and for other columns than before.
        """
        try:
            if name not in self._columns:
                self._make(name, kinds)
            if self._columns[name] != kinds:
                raise InputError(f"{where}: other columns of {name!r} than in its rows before")
            places = ", ".join("?" * len(kinds))
            self._connection.executemany(
                f"INSERT INTO {quoted(name)} VALUES ({places})",  # noqa: S608
                rows,
            )
        except sqlite3.Error as error:
            raise InputError(f"{where}: {name!r} does not fit into SQLite ({error})") from None

    def _make(self, name: str, kinds: Mapping[str, str]) -> None:
        declared = (
            f"{quoted(column)} {_TYPES.get(kind, 'TEXT')}" for column, kind in kinds.items()
        )
        self._connection.execute(f"CREATE TABLE {quoted(name)} ({', '.join(declared)})")
        self._columns[name] = dict(kinds)

    def counts(self) -> dict[str, int]:
        query = "SELECT count(*) FROM {}"
        return {
            name: self._connection.execute(query.format(quoted(name))).fetchone()[0]
            for name in sorted(self._columns)
        }


def _copy(tables: _Tables, where: str, statement: Statement, encoding: str, types: Types) -> None:
    found = _COPY.match(statement.text.decode(encoding, "replace"))
    if found is None:
        raise InputError(f"{where}: a COPY without its columns' names; make the dump with pg_dump")
    name = plain(found.group(1))
    known = types.get(name, {})
    kinds = {column: known.get(column, "text") for column in listed(found.group(2))}
    tables.add(where, name, kinds, _copied(statement, where, encoding, list(kinds.values())))


def _copied(
    statement: Statement, where: str, encoding: str, kinds: list[str]
) -> Iterator[list[Value]]:
    for number, line in enumerate(statement.rows or (), start=1):
        text = _decoded(line, encoding, f"{where}: row {number}")
        cells = text.removesuffix("\n").removesuffix("\r").split("\t")
        if len(cells) != len(kinds):
            raise InputError(
                f"{where}: row {number}: {len(cells)} cells, expected {len(kinds)} (torn dump?)"
            )
        yield [_value(_cell(cell), kind) for cell, kind in zip(cells, kinds, strict=True)]


def _insert(tables: _Tables, dump: Path, statement: Statement, encoding: str, types: Types) -> None:
    """The rows of one INSERT; columns that the server would work out are left out, as in a COPY."""
    where = f"{dump}:{statement.line}"
    insert = read_insert(_decoded(statement.text, encoding, where), str(dump), statement.line)
    known = types.get(insert.table, {})
    columns = insert.columns or list(known)
    for cells in insert.rows:
        if len(cells) != len(columns):
            raise InputError(
                f"{where}: {len(cells)} values for the {len(columns)} columns of "
                f"{insert.table!r}; dump with --column-inserts, or without --inserts"
            )
        row = {c: cell for c, cell in zip(columns, cells, strict=True) if cell is not Unset.DEFAULT}
        kinds = {column: known.get(column, "text") for column in row}
        tables.add(where, insert.table, kinds, [[_value(row[c], kinds[c]) for c in row]])


def _decoded(text: bytes, encoding: str, where: str) -> str:
    try:
        return text.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: not {encoding} ({error.reason})") from None


def _value(cell: str | None, kind: str) -> Value:
    """SQLite turns digits into numbers by the column's type."""
    return _BOOLEANS.get(cell, cell) if kind == "boolean" and cell is not None else cell


def _cell(written: str) -> str | None:
    """A cell of COPY's text format."""
    if written == _NULL:
        return None
    return _ESCAPE.sub(_unescaped, written) if "\\" in written else written


def _unescaped(found: re.Match[str]) -> str:
    sign = found.group(1)
    if sign[0] == "x" and len(sign) > 1:
        return chr(int(sign[1:], 16))
    return chr(int(sign, 8)) if sign.isdigit() and sign < "8" else _SIGNS.get(sign, sign)


def _columns(body: str) -> Iterator[tuple[str, str]]:
    """Names and first words of types."""
    for definition in _definitions(body):
        if found := _COLUMN.match(definition):
            yield listed(found.group(1))[0], found.group(2).lower()


def _definitions(body: str) -> Iterator[str]:
    """What stands between the commas that are in no parentheses."""
    depth = start = 0
    for found in _BETWEEN.finditer(body):
        depth += {"(": 1, ")": -1}.get(found.group(), 0)
        if found.group() == "," and not depth:
            yield body[start : found.start()]
            start = found.end()
    yield body[start:]


def _codec(name: str, where: str) -> str:
    """Python's name of an encoding of PostgreSQL. Raises InputError for one that it lacks."""
    known: Mapping[str, str] = {"SQL_ASCII": "utf-8", "UTF8": "utf-8"}
    plain = known.get(name.upper(), re.sub(r"^WIN(\d+)$", r"cp\1", name.upper()))
    try:
        return codecs.lookup(plain).name
    except LookupError:
        raise InputError(f"{where}: unknown encoding {name!r}; dump with -E UTF8") from None
