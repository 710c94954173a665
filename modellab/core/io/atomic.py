"""Atomic writing of files and folders."""

import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def atomic_file(path: Path) -> Iterator[TextIO]:
    """Open a text file (UTF-8, "\\n") that replaces `path` if the block succeeds.

    The temporary file is beside `path`, so that replacing is one rename, and is synced first, as a
    rename may otherwise reach the disk before the content.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = _beside(path)
    try:
        with part.open("x", encoding="utf-8", newline="") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """An empty folder that replaces `path` if the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = _beside(path)
    part.mkdir()
    try:
        yield part
        if path.exists():
            shutil.rmtree(path)
        part.rename(path)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def remove_parts(paths: Iterable[Path]) -> None:
    """Remove temporary files and folders that killed jobs left beside these paths.

    No other process may be writing them.
    """
    for path in paths:
        name = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{12}}\.part")
        siblings = path.parent.iterdir() if path.parent.is_dir() else ()
        for part in [one for one in siblings if name.fullmatch(one.name)]:
            if part.is_dir():
                shutil.rmtree(part)
            else:
                part.unlink()


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
