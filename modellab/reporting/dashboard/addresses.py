"""From an address to a file below a folder, and to nothing else."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote


def file_at(root: Path, target: str) -> Path | None:
    """The plain file that a request's target names; None for anything else.

    Hidden names, `..`, characters that no file of ours has, and links that lead out of the folder
    name nothing. The target is decoded once, as a browser encodes it.
    """
    parts = _parts(target)
    if parts is None:
        return None
    try:
        real = root.joinpath(*parts).resolve(strict=True)
        inside = real.is_relative_to(root.resolve(strict=True))
    except (OSError, RuntimeError, ValueError):
        return None
    return real if inside and real.is_file() and not _is_hidden(real, root) else None


def folder_at(root: Path, target: str) -> bool:
    """Whether a target names a folder of ours that has a page."""
    return file_at(root, path_of(target).rstrip("/") + "/index.html") is not None


def path_of(target: str) -> str:
    """A target without its query."""
    return re.split("[?#]", target, maxsplit=1)[0]


def open_plain(path: Path) -> BinaryIO | None:
    """Open a file; None where it is a link or no plain file by now."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    return os.fdopen(descriptor, "rb")


def _parts(target: str) -> list[str] | None:
    if not target.startswith("/"):
        return None
    try:
        path = unquote(path_of(target), errors="strict")
    except UnicodeDecodeError:
        return None
    parts = path[1:].split("/")
    return parts if all(map(_is_plain, parts)) else None


def _is_plain(name: str) -> bool:
    return bool(name) and name.isprintable() and not name.startswith(".") and "\\" not in name


def _is_hidden(real: Path, root: Path) -> bool:
    """A link inside of the folder may lead to a hidden file of it."""
    return any(part.startswith(".") for part in real.relative_to(root.resolve()).parts)
