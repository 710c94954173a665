"""Which weights exactly: the digest of a folder, or the commit of a hub repository."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.fingerprint import digest, file_digest
from modellab.core.io.atomic import atomic_file
from modellab.models.generators.transformers.loading_errors import loading_error
from modellab.models.generators.transformers.options import TransformersOptions

log = logging.getLogger(__name__)

#: bytes from which a file's digest is remembered
LARGE_FILE = 2**20
#: how a pointer of Git LFS begins, and bytes that none reaches
LFS_POINTER = b"version https://git-lfs.github.com/spec/"
LONGEST_POINTER = 1024
#: a file younger than this may change again without its time stamp showing it
SETTLED_SECONDS = 2.0


def weights_identity(options: TransformersOptions) -> Mapping[str, Any]:
    """`{"weights": digest}` of a folder, `{"model": id, "commit": sha}` of a hub model.

    Raises InputError when the folder is not there, or the hub has no such model.
    """
    if options.is_folder():
        return {"weights": folder_digest(options.folder())}
    return {"model": options.model, "commit": _hub_commit(options)}


def folder_digest(folder: Path) -> str:
    """SHA-256 over names and contents of the files directly in a model folder."""
    if not (folder / "config.json").is_file():
        raise InputError(f"{folder}: not a model folder (it has no config.json)")
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix != ".md")
    check_complete(files)
    return digest({path.name: remembered_digest(path) for path in files})


def check_complete(files: Sequence[Path]) -> None:
    """Raises InputError for what `git clone` leaves in the place of large files without git-lfs."""
    for path in files:
        if path.stat().st_size < LONGEST_POINTER and path.read_bytes().startswith(LFS_POINTER):
            raise InputError(
                f"{path}: a pointer of Git LFS, not the file itself; run `git lfs pull` there, or "
                "download the model again"
            )


def remembered_digest(path: Path) -> str:
    """SHA-256 of a file; that of a large one is read once and remembered until the file changes."""
    before = path.stat()
    if before.st_size < LARGE_FILE:
        return file_digest(path)
    stamp = [before.st_size, before.st_mtime_ns, before.st_ctime_ns, before.st_ino]
    note = cache_folder() / "weights" / digest([str(path.resolve()), *stamp])
    try:
        return note.read_text(encoding="utf-8")
    except OSError:
        value = file_digest(path)
    if time.time() - max(before.st_mtime, before.st_ctime) > SETTLED_SECONDS:
        try:
            with atomic_file(note) as handle:
                handle.write(value)
        except OSError as error:
            log.warning("%s: cannot be written: %s", note, error)
    return value


def cache_folder() -> Path:
    """`$MODELLAB_CACHE`, else `modellab` in `$XDG_CACHE_HOME`, else `~/.cache/modellab`."""
    named = os.environ.get("MODELLAB_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "modellab"


def _hub_commit(options: TransformersOptions) -> str:
    from transformers.utils.hub import cached_file

    from modellab.models.generators.transformers.hub import cached_snapshot

    there = cached_snapshot(options.model, options.revision)
    if there is not None:
        return there.name
    try:
        path = cached_file(options.model, "config.json", revision=options.revision or "main")
    except (OSError, ValueError) as error:
        raise loading_error(options, error) from None
    # .../snapshots/{commit}/config.json
    return Path(str(path)).parent.name
