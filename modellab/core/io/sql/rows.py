"""Rows of a query or table, and cells that hold lists or vectors."""

from __future__ import annotations

import difflib
import re
import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from modellab.core.errors import InputError
from modellab.core.io.sql.connecting import engine_of, reason, shown, url_of
from modellab.core.io.sql.options import SqlOptions
from modellab.core.values.ids import literal_list

if TYPE_CHECKING:
    from sqlalchemy import Connection, Executable

_ITEM = re.compile(r'"((?:[^"\\]|\\.)*)"|([^,{}"]+)')


def texts(value: object, where: str) -> tuple[str, ...]:
    """The texts of a cell: a list in JSON or Python syntax, `{a,"b c"}`, or a single value.

    Empty and missing texts are left out. Raises InputError for anything else.
    """
    if isinstance(value, (list, tuple)):
        return _texts(value, where)
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        items = literal_list(value)
        return (value,) if items is None else _texts(items, where)
    if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
        found = _ITEM.findall(value[1:-1])
        items = [re.sub(r"\\(.)", r"\1", quoted) or plain.strip() for quoted, plain in found]
        return tuple(item for item in items if item and item != "NULL")
    return _texts([value], where)


def _texts(values: Iterable[object], where: str) -> tuple[str, ...]:
    items = [value for value in values if value is not None and value != ""]
    for value in items:
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise InputError(f"{where}: expected text or a list of it, not {type(value).__name__}")
    return tuple(map(str, items))


def vector(value: object, where: str) -> list[float] | None:
    """The vector in a cell: pgvector's `[1,2.5]` or a list; None for an empty cell.

    Raises InputError for anything else.
    """
    if value is None or value == "":
        return None
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, str):
        body = value.strip()
        if body[:1] + body[-1:] not in ("[]", "{}"):
            raise InputError(f"{where}: not a vector such as [0.1,0.2]: {value[:40]!r}")
        value = body[1:-1].split(",") if body[1:-1].strip() else []
    if not isinstance(value, (list, tuple)):
        raise InputError(f"{where}: not a vector: {type(value).__name__}")
    try:
        numbers = [float(number) for number in value]
    except (TypeError, ValueError):
        raise InputError(f"{where}: not a vector of numbers: {str(value)[:40]!r}") from None
    if not numbers:
        raise InputError(f"{where}: a vector without numbers")
    return numbers


#: number of names listed in messages
_SHOWN = 12


def query_rows(options: SqlOptions) -> tuple[str, list[dict[str, object]]]:
    """The URL (without a password), and the rows; those of a table ordered by the first column.

    Read-only. Raises InputError (without the password) for a variable that is not set, a failed
    connection or query, an unknown table or column, and no rows.
    """
    from sqlalchemy.exc import SQLAlchemyError

    url = url_of(options.url, options.url_env)
    where = shown(url)
    engine = engine_of(url, options.url_env or "url")
    try:
        # also against views and functions of an untrusted dump
        readonly = {"postgresql_readonly": True} if engine.dialect.name == "postgresql" else {}
        with engine.connect().execution_options(**readonly) as connection:
            result = connection.execution_options(stream_results=True).execute(
                _selection(connection, options, where)
            )
            columns = tuple(result.keys())
            # UUIDs, which are often ids, as text
            plain = ((str(v) if isinstance(v, UUID) else v for v in row) for row in result)
            rows = [dict(zip(columns, row, strict=True)) for row in plain]
    except SQLAlchemyError as error:
        # the driver's message, to which the library adds the query and a link
        raise InputError(f"{where}: the query failed ({reason(error, url)})") from None
    finally:
        engine.dispose()
    if not rows:
        what = f"the table {options.table!r}" if options.table else "the query"
        raise InputError(f"{where}: {what} gives no rows (columns: {', '.join(columns)})")
    return where, rows


def _selection(connection: Connection, options: SqlOptions, where: str) -> Executable:
    from sqlalchemy import column, select, table, text

    if options.table is None:
        return text(options.query or "")
    schema, name = _table(connection, options.table, where)
    found = _columns(connection, schema, name)
    wanted = options.columns or {column: column for column in found}
    for key in wanted.values():
        if key not in found:
            raise InputError(
                f"{where}: table {options.table!r} has no column {key!r}{_near(key, found)}"
            )
    source = table(name, *map(column, found), schema=schema)
    chosen = [source.c[key].label(label) for label, key in wanted.items()]
    return select(*chosen).order_by(chosen[0])


def _table(connection: Connection, wanted: str, where: str) -> tuple[str | None, str]:
    """Schema (None: the default) and name of a table or view."""
    from sqlalchemy import inspect

    inspector = inspect(connection)
    known = [*inspector.get_table_names(), *inspector.get_view_names()]
    if wanted in known:
        return None, wanted
    schema, _, name = wanted.rpartition(".")
    if schema and schema in inspector.get_schema_names():
        inside = [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]
        if name in inside:
            return schema, name
        known = [f"{schema}.{one}" for one in inside]
    raise InputError(f"{where}: there is no table {wanted!r}{_near(wanted, known)}")


def _columns(connection: Connection, schema: str | None, name: str) -> list[str]:
    from sqlalchemy import inspect
    from sqlalchemy.exc import SAWarning

    with warnings.catch_warnings():
        # unknown types, such as vectors, are read as text
        warnings.simplefilter("ignore", SAWarning)
        return [column["name"] for column in inspect(connection).get_columns(name, schema)]


def _near(wanted: str, known: Sequence[str]) -> str:
    """`; did you mean ...?`, or the known names."""
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.6)
    if near:
        return f"; did you mean {' or '.join(map(repr, near))}?"
    listed = ", ".join(sorted(known)[:_SHOWN]) or "none"
    return f" (there are: {listed}{', ...' if len(known) > _SHOWN else ''})"
