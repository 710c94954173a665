"""JSON: a list of documents, each an object with id, text and perhaps title, year, type, url."""

from __future__ import annotations

import json
from pathlib import Path

from modellab.corpus.readers.reader import Reader, document
from modellab.errors import InputError
from modellab.records import Document
from modellab.storage.csvfile import read_utf8


def read(path: Path) -> list[Document]:
    """One document per object of the list, or of the single list in an object."""
    try:
        data = json.loads(read_utf8(path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not valid JSON ({error})") from None
    entries = _entries(data, path)
    return [_document(entry, f"{path}: entry {n}") for n, entry in enumerate(entries, start=1)]


def _entries(data: object, path: Path) -> list[object]:
    lists = [data]
    if isinstance(data, dict):
        lists = [value for value in data.values() if isinstance(value, list)]
    if len(lists) == 1 and isinstance(lists[0], list):
        return lists[0]
    raise InputError(f"{path}: must be a list of documents, or an object with one such list")


def _document(entry: object, source: str) -> Document:
    if not isinstance(entry, dict):
        raise InputError(f"{source}: must be an object such as {{'id': ..., 'text': ...}}")
    for name in ("id", "text"):
        if name not in entry:
            found = ", ".join(map(str, entry)) or "none"
            raise InputError(f"{source}: key {name!r} is missing (found: {found})")
    return document(entry, source)


READER = Reader("json", (".json",), read)
