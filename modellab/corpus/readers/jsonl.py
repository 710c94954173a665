"""JSON Lines: each line is one document with id, text and perhaps title, year, type and url."""

from __future__ import annotations

import json
from pathlib import Path

from modellab.corpus.readers.reader import Reader, document
from modellab.errors import InputError
from modellab.records import Document
from modellab.storage.csvfile import read_utf8


def read(path: Path) -> list[Document]:
    """One document per line; blank lines are passed over."""
    # Not splitlines(): JSON text may hold other line separators, such as U+2028, unescaped.
    lines = read_utf8(path).split("\n")
    return [
        _document(line, f"{path}:{number}")
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]


def _document(line: str, source: str) -> Document:
    try:
        values = json.loads(line)
    except ValueError as error:
        raise InputError(f"{source}: not valid JSON ({error})") from None
    if not isinstance(values, dict):
        raise InputError(f"{source}: must be an object such as {{'id': ..., 'text': ...}}")
    for name in ("id", "text"):
        if name not in values:
            found = ", ".join(values) or "none"
            raise InputError(f"{source}: key {name!r} is missing (found: {found})")
    return document(values, source)


READER = Reader("jsonl", (".jsonl",), read)
