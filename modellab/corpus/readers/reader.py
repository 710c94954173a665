"""What every reader is, and how it makes a document of named values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from modellab.errors import InputError
from modellab.records import Document, Place
from modellab.storage.csvfile import read_utf8

OPTIONAL = ("title", "year", "type", "url", "document")
#: what may be a number where it is not text
_NUMBERED = ("id", "year", "document")


class BrokenFileError(InputError):
    """A file that cannot be read as what it is: it is left out of a folder, and told of."""


class Reader(NamedTuple):
    """A format: its name in the config, its file extensions, and what reads one file.

    `read` gives the documents in the order of the file. It raises InputError (file, row) for what
    its author should mend, and BrokenFileError for a file that holds no text to be had.
    """

    name: str
    extensions: tuple[str, ...]
    read: Callable[[Path], list[Document]]


def document(values: Mapping[str, object], source: str, places: tuple[Place, ...] = ()) -> Document:
    """A document from its values: id and text, and perhaps title, year, type, url, document.

    `document` names what this is a piece of. The title defaults to the id. Other keys are left
    alone: files may hold more than is read. Raises InputError for a missing or empty id or text,
    a value that is not text, and a year that is not an integer.
    """
    texts = {name: _text(values, name, source) for name in ("id", "text", *OPTIONAL)}
    for name in ("id", "text"):
        if not texts[name].strip():
            raise InputError(f"{source}: {name!r} is empty; every document needs one")
    name = texts["id"].strip()
    return Document(
        id=name,
        title=texts["title"].strip() or name,
        text=texts["text"],
        source=source,
        year=_year(texts["year"].strip(), source),
        kind=texts["type"].strip(),
        url=texts["url"].strip(),
        places=places,
        part_of=texts["document"].strip(),
    )


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, its lines ended by line feeds. Raises BrokenFileError."""
    try:
        return read_utf8(path).replace("\r\n", "\n")
    except InputError as error:
        raise BrokenFileError(str(error)) from None


def _text(values: Mapping[str, object], name: str, source: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if (
        isinstance(value, int)
        and not isinstance(value, bool)
        and name in ("id", "year", "document")
    ):
        return str(value)
    if not isinstance(value, str):
        raise InputError(f"{source}: {name!r} must be text, not {type(value).__name__}")
    try:
        value.encode()
    except UnicodeEncodeError:
        # JSON can spell half of a surrogate pair, which no UTF-8 file can hold.
        raise InputError(
            f"{source}: {name!r} holds half of a surrogate pair; write the whole character"
        ) from None
    return value


def _year(text: str, source: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[+-]?[0-9]{1,6}", text):
        raise InputError(f"{source}: year {text!r} is not an integer such as 2024; or leave it out")
    return int(text)
