"""One entry of `databases:` as a run needs it: filled from its dump once, and described."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import modellab
from modellab.core.deadline import deadline
from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json, write_json
from modellab.core.io.sql.connecting import engine_of, postgres, reason, shown, told, url_of
from modellab.core.io.sql.dump import digest_of
from modellab.core.io.sql.embedded import load_embedded
from modellab.core.io.sql.making import is_made, make_database
from modellab.core.io.sql.options import DatabaseOptions
from modellab.core.io.sql.postgres import Mark, drop_all, load_postgres, read_mark, table_rows

if TYPE_CHECKING:
    from sqlalchemy import URL

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stamp:
    """What a database holds: where it is (without a password), its dump, rows by table.

    `sha256` and `dump` are None where the database was there already.
    """

    database: str
    where: str
    dump: str | None
    sha256: str | None
    tables: dict[str, int]


def load(name: str, options: DatabaseOptions, embedded: Path, stamp: Path) -> Stamp:
    """Fill the database, unless it holds its dump already, and write the stamp.

    `embedded` is where an SQLite file goes that no URL is given for. Raises InputError.
    """
    message = f"databases.{name}: loading took longer than its timeout_minutes"
    with deadline(60 * options.timeout_minutes, message):
        found = _loaded(name, options, embedded)
    write_json(stamp, asdict(found))
    listed = ", ".join(f"{table}: {rows}" for table, rows in found.tables.items())
    log.info("%s: %s (rows of %s)", name, found.where, listed or "no table")
    return found


def status(name: str, options: DatabaseOptions, embedded: Path, stamp: Path) -> str:
    """One line: what the database holds, or why it cannot be used."""
    try:
        held = _held(options, embedded, stamp)
    except InputError as error:
        return f"{name}: {error}"
    if held is None:
        return f"{name}: not loaded"
    mark, tables = held
    listed = ", ".join(f"{table} ({rows} rows)" for table, rows in tables.items())
    source = f"{mark.dump} ({mark.sha256[:12]})" if mark else "as it was found"
    if mark and options.dump and options.dump.exists() and digest_of(options.dump) != mark.sha256:
        source += ", but the dump has changed since"
    return f"{name}: {source}: {listed or 'no table'}"


def reset(name: str, options: DatabaseOptions, embedded: Path, stamp: Path) -> None:
    """Empty a database that this project filled.

    Raises InputError for one that it did not fill.
    """
    if options.dump is None:
        raise InputError(f"databases.{name}: has no dump: it is not this project's to empty")
    if options.embedded():
        embedded.unlink(missing_ok=True)
    else:
        with told(url := url_of(options.url, options.url_env)), postgres(url) as connection:
            if read_mark(connection) is None:
                raise InputError(f"{shown(url)}: was not filled by this project; nothing is done")
            drop_all(connection)
    stamp.unlink(missing_ok=True)


def _loaded(name: str, options: DatabaseOptions, embedded: Path) -> Stamp:
    if options.dump is None:
        url = url_of(options.url, options.url_env)
        return Stamp(name, shown(url), None, None, rows_by_table(url, options.url_env or "url"))
    dump, sha256 = options.dump, digest_of(options.dump)
    if options.embedded():
        tables = load_embedded(embedded, dump)
        return Stamp(name, f"sqlite:///{embedded}", str(dump), sha256, tables)
    url = url_of(options.url, options.url_env)
    if options.admin_url_env:
        make_database(url_of(None, options.admin_url_env), url)
    with told(url):
        tables = load_postgres(url, dump, modellab.__version__)
    return Stamp(name, shown(url), str(dump), sha256, tables)


def _held(
    options: DatabaseOptions, embedded: Path, stamp: Path
) -> tuple[Mark | None, dict[str, int]] | None:
    """The mark (None: not filled by this project) and the tables; None where nothing is."""
    if options.embedded():
        if not embedded.exists() or not stamp.exists():
            return None
        known = Stamp(**read_json(stamp))
        return Mark(known.dump or "", known.sha256 or "", ""), known.tables
    url = url_of(options.url, options.url_env)
    if options.dump is None:
        return None, rows_by_table(url, options.url_env or "url")
    if options.admin_url_env and not is_made(url_of(None, options.admin_url_env), url):
        return None
    with told(url), postgres(url) as connection:
        mark = read_mark(connection)
        return (mark, table_rows(connection)) if mark else None


def rows_by_table(url: URL, what: str) -> dict[str, int]:
    """How many rows each table of a database has. Raises InputError."""
    from sqlalchemy import func, inspect, select, table
    from sqlalchemy.exc import SQLAlchemyError

    engine = engine_of(url, what)
    try:
        with engine.connect() as connection:
            names = sorted(inspect(connection).get_table_names())
            counted = {
                name: connection.scalar(select(func.count()).select_from(table(name)))
                for name in names
            }
    except SQLAlchemyError as error:
        raise InputError(f"{shown(url)}: cannot be read ({reason(error, url)})") from None
    finally:
        engine.dispose()
    return {name: int(rows or 0) for name, rows in counted.items()}
