"""The interface of readers, and documents from named values and from Markdown."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from modellab.core.errors import BrokenFileError, InputError
from modellab.core.io.table_file import DETECTED, TableOptions
from modellab.corpus.documents import Document, SectionStart

OPTIONAL = ("title", "year", "type", "url", "document")
#: values that may also be numbers
_NUMBERED = ("id", "year", "document")
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)


class EmptyTextError(BrokenFileError):
    """A document without text, which is left out and reported. `name` is its id."""

    def __init__(self, source: str, name: str) -> None:
        super().__init__(f"{source}: 'text' is empty (id {name!r})")
        self.skipped = Skipped(source, "'text' is empty", name)


@dataclass(frozen=True)
class ReadOptions:
    """How files are read.

    `columns` maps id, text and so on to the names in the files; `reading` holds the options of
    tables and encodings; `ocr` is tesseract's language for scanned pages (None: skip them).
    `chunked`: rows are already chunks. `within` is the prefix of row numbers used as ids: the
    file's path and a colon, in a folder.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    reading: TableOptions = DETECTED
    ocr: str | None = None
    chunked: bool = False
    within: str = ""


DEFAULTS = ReadOptions()


@dataclass(frozen=True)
class Skipped:
    """A file or document (then with its id) that is left out, and why."""

    source: str
    reason: str
    id: str = ""


@dataclass(frozen=True)
class FileRead:
    """The documents of a file in order.

    `recognised` says which columns were used for what, `notes` what else was assumed.
    """

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...] = ()
    recognised: str = ""
    notes: tuple[str, ...] = ()


class Reader(NamedTuple):
    """A file format: its name in the config, its extensions, and the function that reads a file.

    `read` raises InputError (file, row) for what the file's author should fix, and
    BrokenFileError for a file from which no text can be read.
    """

    name: str
    extensions: tuple[str, ...]
    read: Callable[[Path, ReadOptions], FileRead]


def document(
    values: Mapping[str, object],
    source: str,
    places: tuple[SectionStart, ...] = (),
    notes: tuple[str, ...] = (),
) -> Document:
    """A document from id, text and optionally title (default: the id), year, type, url, document.

    `document` is the id of the whole that this is a piece of. Other keys are ignored. Raises
    InputError for a missing or empty id, a value that is not text, and a year that is not an
    integer; EmptyTextError for an empty text.
    """
    texts = {name: _text(values, name, source) for name in ("id", "text", *OPTIONAL)}
    name = texts["id"].strip()
    if not name:
        raise InputError(f"{source}: 'id' is empty; every document needs one")
    if not texts["text"].strip():
        raise EmptyTextError(source, name)
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
        notes=notes,
    )


def _text(values: Mapping[str, object], name: str, source: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if name in _NUMBERED and isinstance(value, int | float) and not isinstance(value, bool):
        # a table with a gap in a column of whole numbers has 1998.0 for 1998
        whole = isinstance(value, float) and value.is_integer()
        return str(int(value) if whole else value)
    if name == "text" and isinstance(value, list):
        value = _joined(value)
    if not isinstance(value, str):
        raise InputError(f"{source}: {name!r} must be text, not {type(value).__name__}")
    try:
        value.encode()
    except UnicodeEncodeError:
        # JSON can escape half of a surrogate pair, which no UTF-8 file can hold
        raise InputError(
            f"{source}: {name!r} holds half of a surrogate pair; write the whole character"
        ) from None
    return value


def _joined(parts: list[Any]) -> object:
    """The text of sentences, or of sections with a `section_name` and `paragraphs` (QASPER)."""
    if parts and all(isinstance(part, Mapping) and "paragraphs" in part for part in parts):
        sections = ((part.get("section_name") or "", part["paragraphs"]) for part in parts)
        texts = ([f"## {name}"] * bool(name) + list(paragraphs) for name, paragraphs in sections)
        return "\n\n".join(str(text) for section in texts for text in section)
    whole = all(isinstance(part, str) for part in parts)
    return " ".join(str(part).strip() for part in parts) if whole else parts


def _year(text: str, source: str) -> int | None:
    if not text or text.lower() == "nan":
        return None
    if date := re.match(r"([0-9]{4})[-/]", text):
        return int(date[1])
    if not re.fullmatch(r"[+-]?[0-9]{1,6}(\.0*)?", text):
        raise InputError(f"{source}: year {text!r} is not an integer such as 2024; or leave it out")
    return int(text.partition(".")[0])


def whole_file(
    path: Path,
    text: str,
    title: str = "",
    places: tuple[SectionStart, ...] | None = None,
    notes: tuple[str, ...] = (),
    holder: str = "document",
) -> FileRead:
    """A file as one document, with the stem as its id.

    The title defaults to the first heading, then the stem; the places to the headings. Raises
    BrokenFileError where the `holder` of the text has none.
    """
    if not text.strip():
        raise BrokenFileError(f"{path}: the {holder} holds no text")
    title = title.strip() or first_heading(text) or path.stem
    places = heading_places(text) if places is None else places
    values = {"id": path.stem, "title": title, "text": text}
    return FileRead((document(values, str(path), places, notes),))


def first_heading(text: str) -> str | None:
    """The text of the first heading."""
    return next((title for _, _, title in _headings(text)), None)


def heading_places(text: str) -> tuple[SectionStart, ...]:
    """A place per heading, named by its path of headings, such as `Water > Use`."""
    places: list[SectionStart] = []
    path: list[tuple[int, str]] = []
    for start, level, title in _headings(text):
        path = [*(entry for entry in path if entry[0] < level), (level, title)]
        places.append(SectionStart(start, " > ".join(title for _, title in path)))
    return tuple(places)


def _headings(text: str) -> Iterator[tuple[int, int, str]]:
    """Offset, level and text of each heading outside fenced code."""
    code = [found.span() for found in _FENCE.finditer(text)]
    for found in _HEADING.finditer(text):
        if not any(start <= found.start() < end for start, end in code):
            yield found.start(), len(found.group(1)), found.group(2)


def table_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """`| a | b |` per non-empty row, kept whole by chunking; a bar in a cell becomes a slash."""
    for row in rows:
        cells = [" ".join(cell.split()).replace("|", "/") for cell in row]
        if any(cells):
            yield f"| {' | '.join(cells)} |"
