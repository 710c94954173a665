"""The zip file and manifest of a bundle: reproducible bytes when written, untrusted when read.

Names in a zip file may lead out of a folder, occur twice, or be links; its sizes may be wrong, so
every read has a limit.
"""

import hashlib
import json
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, BinaryIO, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from modellab.core.errors import InputError
from modellab.core.io.atomic import atomic_file
from modellab.core.layout import PREDICTIONS, ROWS, RUN, SUMMARY
from modellab.core.options import first_problem

#: the earliest date of the format
_DATE = (1980, 1, 1, 0, 0, 0)
_BLOCK = 1 << 20
#: more files than any bundle has
MOST_FILES = 200_000


@dataclass(frozen=True)
class Content:
    """Digest (SHA-256 in hex) and size of a file in an archive, in bytes up to a limit."""

    sha256: str
    bytes: int


def write_zip(path: Path, files: Mapping[str, Path | bytes]) -> None:
    """Write the files sorted by name, without dates and owners."""
    with (
        atomic_file(path) as handle,
        zipfile.ZipFile(handle.buffer, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = 0o100644 << 16
            content = files[name]
            with archive.open(entry, "w", force_zip64=True) as target:
                for block in [content] if isinstance(content, bytes) else _blocks(content):
                    target.write(block)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            yield block


class Archive:
    """An open zip file whose names have been checked."""

    def __init__(self, path: Path, entries: Mapping[str, zipfile.ZipInfo], file: zipfile.ZipFile):
        self.path = path
        self.names = tuple(entries)
        self._entries = entries
        self._file = file

    def read(self, name: str, limit: int) -> bytes:
        """The bytes of a file. Raises InputError where there are more than `limit`."""
        with self._open(name) as handle:
            found = handle.read(limit + 1)
        if len(found) > limit:
            raise InputError(f"{self.path}: {name}: larger than {limit:,} bytes")
        return found

    def content(self, name: str, limit: int) -> Content:
        """Digest and size of at most `limit` + 1 bytes."""
        digest, size = hashlib.sha256(), 0
        for block in self._limited(name, limit + 1):
            digest.update(block)
            size += len(block)
        return Content(digest.hexdigest(), size)

    def extract(self, name: str, folder: Path, limit: int) -> None:
        """Write a file, or its first `limit` bytes, below the folder."""
        target = folder.joinpath(*PurePosixPath(name).parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            for block in self._limited(name, limit):
                out.write(block)

    def _limited(self, name: str, limit: int) -> Iterator[bytes]:
        with self._open(name) as handle:
            while limit > 0 and (block := handle.read(min(_BLOCK, limit))):
                limit -= len(block)
                yield block

    @contextmanager
    def _open(self, name: str) -> Iterator[BinaryIO]:
        try:
            with self._file.open(self._entries[name]) as handle:
                yield handle  # type: ignore[misc]
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise InputError(f"{self.path}: {name}: cannot be read ({error})") from None


@contextmanager
def open_zip(path: Path) -> Iterator[Archive]:
    """Open a zip file. Raises InputError for any other file and for unsafe names."""
    try:
        with zipfile.ZipFile(path) as file:
            yield Archive(path, _safe_entries(path, file), file)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (zipfile.BadZipFile, IsADirectoryError) as error:
        raise InputError(f"{path}: not a zip file ({error})") from None


def _safe_entries(path: Path, file: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    entries = file.infolist()
    if len(entries) > MOST_FILES:
        raise InputError(f"{path}: {len(entries):,} files; a bundle has at most {MOST_FILES:,}")
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        wrong = "is a duplicate" if entry.filename in found else _problem(entry)
        if wrong:
            raise InputError(f"{path}: {entry.filename!r} {wrong}")
        found[entry.filename] = entry
    return found


def _problem(entry: zipfile.ZipInfo) -> str | None:
    name, parts = entry.filename, entry.filename.split("/")
    if not all(name.isprintable() and part not in ("", ".", "..") for part in parts):
        return "is no plain name of a file"
    if "\\" in name or name[1:2] == ":" or "\0" in entry.orig_filename:
        return "is no plain name of a file"
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "is no plain file"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "has another compression than bundles have"
    return "is encrypted" if entry.flag_bits & 0x1 else None


MANIFEST = "manifest.json"
FORMAT = 1
#: the files of each model in the folder of a dataset
PER_MODEL = (PREDICTIONS, RUN, ROWS, SUMMARY)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BundledFile(_Strict):
    """One file: SHA-256 in hex, size in bytes."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=0)]


class Described(_Strict):
    """The description of a model in tables, which does not affect scores."""

    provider: str
    model_id: str
    local: bool | None
    size_b: float | None


class Rescoring(_Strict):
    """Everything that affects scores and statistics, except questions and predictions.

    `task` and `scorer` are options as plain data; `task_files` are files of the bundle that replace
    a path in the task's options, by key. `chunks` is a file, or None where the scorer does not read
    the documents. `statistics` are the options of intervals and tests.
    """

    task: dict[str, Any]
    task_files: dict[str, str]
    scorer: dict[str, Any]
    missing: Literal["incorrect", "ignore"]
    seed: int
    chunks: str | None
    models: dict[str, Described]
    statistics: dict[str, Any]
    statistics_seed: int


class Manifest(_Strict):
    """`commit` is that of the project's checkout, if any; `changed`: whether files differed."""

    format: Literal[1]
    modellab: str
    commit: str | None
    changed: bool | None
    datasets: dict[str, Rescoring]
    files: dict[str, BundledFile]


def manifest_text(manifest: Manifest) -> str:
    """JSON with models in the order of the config: equal manifests are equal bytes."""
    return json.dumps(manifest.model_dump(mode="json"), indent=1) + "\n"


def read_manifest(bundle: Path, text: bytes) -> Manifest:
    """The manifest in the text. Raises InputError for anything that is not one of this format."""
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        raise InputError(f"{bundle}: {MANIFEST}: {first_problem(error, 'file')}") from None
