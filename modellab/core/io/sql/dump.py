"""Dumps as one stream of plain SQL, whatever their format."""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from modellab.core.errors import InputError
from modellab.core.fingerprint import file_digest

_GZIP = b"\x1f\x8b"
_CUSTOM = b"PGDMP"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_TAR_MAGIC = (257, b"ustar")
#: the first lines of a dump say what it is
_HEAD = 4096
_TITLE = b"PostgreSQL database dump"
_WHOLE_SERVER = b"PostgreSQL database cluster dump"
_LEFT_OUT = (
    *("--no-owner", "--no-privileges", "--no-comments", "--no-publications"),
    *("--no-subscriptions", "--no-security-labels", "--no-tablespaces"),
)
_VERSION = re.compile(rb"(?:--|;)\s+Dumped by pg_dump version:? (\d+)")


def digest_of(dump: Path) -> str:
    """SHA-256 of a dump: of the file, or of the names and contents of a folder's files."""
    if not dump.is_dir():
        return file_digest(dump)
    whole = hashlib.sha256()
    for file in files_of(dump):
        whole.update(f"{file.name}\0{file_digest(file)}\n".encode())
    return whole.hexdigest()


def files_of(dump: Path) -> list[Path]:
    """The file, or the files of a dump in the directory format."""
    return sorted(path for path in dump.iterdir() if path.is_file()) if dump.is_dir() else [dump]


def major_version(head: bytes) -> int | None:
    """The version of pg_dump that wrote it, as its first lines say."""
    found = _VERSION.search(head)
    return int(found.group(1)) if found else None


def listing(dump: Path) -> bytes | None:
    """What an archive says that it holds; None for plain SQL. Raises InputError as `plain_sql`."""
    if not dump.exists():
        raise InputError(f"{dump}: no such file")
    if not dump.is_dir() and not _is_archive(dump):
        return None
    with _written_out(dump, "--list") as stream:
        return stream.read()


@contextmanager
def plain_sql(dump: Path) -> Iterator[tuple[IO[bytes], bytes]]:
    """The dump as plain SQL, and its first lines.

    An archive is written out by pg_restore, which connects to no server. Raises InputError for
    what is no dump, for one of a whole server, and where pg_restore is missing or cannot read it.
    """
    if not dump.exists():
        raise InputError(f"{dump}: no such file")
    if dump.is_dir() or _is_archive(dump):
        with _written_out(dump) as stream:
            yield stream, _checked_head(dump, stream)
        return
    zipped = _first_bytes(dump, 2) == _GZIP
    with gzip.open(dump) if zipped else dump.open("rb") as stream:
        try:
            yield stream, _checked_head(dump, stream)  # type: ignore[arg-type, misc]
        except (EOFError, gzip.BadGzipFile) as error:
            raise InputError(f"{dump}: a broken archive ({error})") from None


def _checked_head(dump: Path, stream: IO[bytes]) -> bytes:
    """The beginning of the stream, which is then at its beginning again."""
    head = stream.read(_HEAD)
    stream.seek(0)
    if _WHOLE_SERVER in head:
        raise InputError(
            f"{dump}: a dump of a whole server (pg_dumpall); dump one database with pg_dump"
        )
    if head.startswith(_CUSTOM):
        raise InputError(f"{dump}: an archive of pg_dump that was zipped once more; unzip it")
    if head.startswith(_UTF_16):
        raise InputError(
            f"{dump}: UTF-16 text, as PowerShell's > writes it; have pg_dump write: pg_dump --file"
        )
    if _TITLE not in head:
        raise InputError(
            f"{dump}: not a dump of PostgreSQL: its first lines do not say "
            f"{_TITLE.decode()!r}; make one with pg_dump"
        )
    return head


def _is_archive(dump: Path) -> bool:
    start, magic = _TAR_MAGIC
    first = _first_bytes(dump, start + len(magic))
    return first.startswith(_CUSTOM) or first[start:] == magic


def _first_bytes(path: Path, count: int) -> bytes:
    with path.open("rb") as handle:
        return handle.read(count)


@contextmanager
def _written_out(dump: Path, *options: str) -> Iterator[IO[bytes]]:
    """What pg_restore says of an archive: its SQL, unless the options ask for something else."""
    program = shutil.which("pg_restore")
    if program is None:
        raise InputError(
            f"{dump}: pg_restore is needed to read this format and is not installed (Debian: "
            "apt-get install postgresql-client); or dump plain SQL: pg_dump without -F"
        )
    with tempfile.TemporaryFile() as stream:
        done = subprocess.run(  # noqa: S603
            [program, *(options or ("--file=-", *_LEFT_OUT)), str(dump.resolve())],
            stdout=stream,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            said = " ".join(done.stderr.decode("utf-8", "replace").split())
            newer = "unsupported version" in said
            advice = f"; it was made by a newer version than {_version(program)}: install a newer "
            advice = advice + "one, or dump plain SQL: pg_dump without -F" if newer else ""
            raise InputError(f"{dump}: pg_restore cannot read it ({said}){advice}")
        stream.seek(0)
        yield stream


def _version(program: str) -> str:
    done = subprocess.run(  # noqa: S603
        [program, "--version"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "this pg_restore"
