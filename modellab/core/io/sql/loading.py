"""One entry of `databases:` as a run needs it: filled from its dump once, and described."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modellab.core.errors import InputError
from modellab.core.io.jsonl import write_json
from modellab.core.io.sql.connecting import engine_of, reason, shown, url_of
from modellab.core.io.sql.embedded import snapshot
from modellab.core.io.sql.options import DatabaseOptions
from modellab.core.io.sql.restoring import read_dump, restore

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


def load(database: str, options: DatabaseOptions, embedded: Path, stamp: Path) -> Stamp:
    """Fill the database, unless it holds its dump already, and write the stamp.

    Args:
        database: Of the entry in `databases`.
        options: The entry.
        embedded: Where the SQLite file goes if the entry has a dump and no URL.
        stamp: The JSON file that says what the database holds.

    Raises:
        InputError: The dump or the database is not what the config says, or cannot be used.
    """
    dump = options.dump and read_dump(options.dump, trust=options.trust)
    seconds = 60 * options.timeout_minutes
    if dump and options.embedded():
        snapshot(embedded, dump, seconds=seconds)
        url, what = url_of(f"sqlite:///{embedded}", None), str(embedded)
    else:
        url, what = url_of(options.url, options.url_env), options.url_env or "url"
        if dump:
            restore(url, dump, seconds=seconds)
    tables = rows_by_table(url, what)
    source, sha256 = (str(dump.path), dump.sha256()) if dump else (None, None)
    found = Stamp(database, shown(url), source, sha256, tables)
    write_json(stamp, asdict(found))
    listed = ", ".join(f"{table}: {rows}" for table, rows in tables.items())
    log.info("%s: %s (rows of %s)", database, found.where, listed or "no table")
    return found


def rows_by_table(url: URL, what: str) -> dict[str, int]:
    """The number of rows of each table of a database.

    Args:
        url: The database.
        what: The key or variable that the URL comes from, for messages.

    Raises:
        InputError: The database cannot be reached or read.
    """
    from sqlalchemy import func, inspect, select, table
    from sqlalchemy.exc import SQLAlchemyError

    engine = engine_of(url, what)
    try:
        with engine.connect() as connection:
            inspector = inspect(connection)
            usual = inspector.default_schema_name
            schemas = set(inspector.get_schema_names()) - {"information_schema"}
            counted = {
                name if schema == usual else f"{schema}.{name}": connection.scalar(
                    select(func.count()).select_from(table(name, schema=schema))
                )
                for schema in sorted(schemas)
                for name in sorted(inspector.get_table_names(schema))
            }
    except SQLAlchemyError as error:
        raise InputError(f"{shown(url)}: cannot be read ({reason(error, url)})") from None
    finally:
        engine.dispose()
    return {name: int(rows or 0) for name, rows in counted.items()}
