"""JSON: a list of documents, each an object with id, text and perhaps title, year, type, url."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from modellab.core.errors import InputError
from modellab.core.io.encoding import read_decoded
from modellab.corpus.readers.fields import is_text_name
from modellab.corpus.readers.reader import DEFAULTS, FileRead, Reader, ReadOptions
from modellab.corpus.readers.rows import documents_of


def read(path: Path, options: ReadOptions = DEFAULTS) -> FileRead:
    """One document per object of the list, or of the single list in an object.

    An object with a text is a document itself; without an id, its id is the file's stem.
    """
    text, notes = read_decoded(path, options.encoding)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not valid JSON ({error})") from None
    if isinstance(data, dict) and any(_is_text(name, inner) for name, inner in data.items()):
        return documents_of([(str(path), data)], path, options, notes, alone=path.stem)
    entries = enumerate(_entries(data, path), start=1)
    rows = [(f"{path}: entry {n}", _row(entry, f"{path}: entry {n}")) for n, entry in entries]
    return documents_of(rows, path, options, notes)


def _is_text(name: str, inner: object) -> bool:
    return is_text_name(name) and isinstance(inner, str)


def _entries(data: object, path: Path) -> list[object]:
    lists = [data]
    if isinstance(data, dict):
        lists = [value for value in data.values() if isinstance(value, list)]
    if len(lists) == 1 and isinstance(lists[0], list):
        return lists[0]
    raise InputError(f"{path}: must be a list of documents, or an object with one such list")


def _row(entry: object, source: str) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise InputError(f"{source}: must be an object such as {{'id': ..., 'text': ...}}")
    return entry


READER = Reader("json", (".json",), read)
