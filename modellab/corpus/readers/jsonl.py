"""JSON Lines: each line is one document with id, text and perhaps title, year, type and url."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.encoding import read_decoded
from modellab.corpus.readers.reader import DEFAULTS, FileRead, Reader, ReadOptions
from modellab.corpus.readers.rows import documents_of


def read(path: Path, options: ReadOptions = DEFAULTS) -> FileRead:
    """One document per line; blank lines are passed over."""
    text, notes = read_decoded(path, options.encoding)
    # Not splitlines(): JSON text may hold other line separators, such as U+2028, unescaped.
    rows = [
        (f"{path}:{number}", _row(line, f"{path}:{number}"))
        for number, line in enumerate(text.split("\n"), start=1)
        if line.strip()
    ]
    return documents_of(rows, path, options, notes)


def _row(line: str, source: str) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{source}: not valid JSON ({error})") from None
    if not isinstance(values, dict):
        raise InputError(f"{source}: must be an object such as {{'id': ..., 'text': ...}}")
    return values


READER = Reader("jsonl", (".jsonl", ".ndjson"), read)
