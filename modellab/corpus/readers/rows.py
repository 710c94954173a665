"""Documents of named values: the rows of a table, the objects of a JSON file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.records import Document, Place
from modellab.corpus.readers import fields
from modellab.corpus.readers.reader import (
    EmptyTextError,
    FileRead,
    ReadOptions,
    Skipped,
    document,
)

#: between the rows of one document
_BETWEEN = "\n\n"


def documents_of(
    placed: Sequence[tuple[str, Mapping[str, object]]],
    path: Path,
    options: ReadOptions,
    notes: tuple[str, ...] = (),
    alone: str = "",
) -> FileRead:
    """The documents of rows, each with its place in the file; `notes` are those of the file.

    A row without an id is named by the file or address that it says it is from, else by its
    number (by `alone`, where the file is one row). Several rows from one file are one document, or
    its chunks where rows are cut already. A row with an empty text is left out. Raises InputError
    (place) for what is wrong in a row.
    """
    if not placed:
        return FileRead((), notes=notes)
    rows = [row for _, row in placed]
    names = fields.recognised(rows, options.columns, path)
    source = None if "id" in names else fields.source_name(rows)
    numbers: Counter[str] = Counter()
    found: list[Document] = []
    skipped: list[Skipped] = []
    for number, (place, row) in enumerate(placed, start=1):
        values = _values(row, names, place)
        if source is not None:
            values |= _origin(row, source, numbers)
        elif "id" not in names:
            values["id"] = alone or f"{options.within}{number}"
        try:
            one = document(values, place)
        except EmptyTextError as error:
            name = error.skipped.id if source is None else str(values["document"])
            skipped.append(replace(error.skipped, id=name))
        else:
            found.append(one if source is None else _of_source(one, fields.page_of(row)))
    if source is not None:
        found = _named_pieces(found) if options.cut else _joined(found)
        names["id"] = source
    return FileRead(tuple(found), tuple(skipped), _recognised(names, numbers, alone), notes)


def _origin(row: Mapping[str, object], source: str, numbers: Counter[str]) -> dict[str, object]:
    """What a row without an id is called: a piece, with its number, of what it is from."""
    origin = str(fields.value(row, source)).strip()
    numbers[origin] += 1
    return {"id": f"{origin}:{numbers[origin]}", "document": origin}


def _values(row: Mapping[str, object], names: Mapping[str, str], place: str) -> dict[str, object]:
    if fields.value(row, names["text"]) is None and names["text"] not in row:
        keys = ", ".join(map(str, row)) or "none"
        raise InputError(f"{place}: key {names['text']!r} is missing (found: {keys})")
    return {field: fields.value(row, name) for field, name in names.items()}


def _of_source(piece: Document, page: str) -> Document:
    """With its title, page and address where the row is from, rather than its number."""
    title = piece.part_of if piece.title == piece.id else piece.title
    url = piece.part_of if "://" in piece.part_of else piece.url
    places = (Place(0, f"page {page}"),) if page else ()
    return replace(piece, title=title, url=url, places=places)


def _named_pieces(pieces: Sequence[Document]) -> list[Document]:
    """Chunks keep their numbers; the only one of its file has the file's name."""
    counts = Counter(piece.part_of for piece in pieces)
    return [
        replace(piece, id=piece.part_of) if counts[piece.part_of] == 1 else piece
        for piece in pieces
    ]


def _joined(pieces: Iterable[Document]) -> list[Document]:
    """One document for all rows of one source, in their order; its places are their pages."""
    by_source: dict[str, list[Document]] = {}
    for piece in pieces:
        by_source.setdefault(piece.part_of, []).append(piece)
    found = []
    for name, parts in by_source.items():
        text, places, start = _BETWEEN.join(part.text for part in parts), [], 0
        for part in parts:
            places += [replace(place, start=start) for place in part.places]
            start += len(part.text) + len(_BETWEEN)
        found.append(replace(parts[0], id=name, text=text, places=tuple(places), part_of=""))
    return found


def _recognised(names: Mapping[str, str], numbers: Counter[str], alone: str) -> str:
    found = fields.in_words(names)
    if "id" not in names and not alone:
        return ", ".join(filter(None, (found, "ids from the numbers of the rows")))
    rows, sources = numbers.total(), len(numbers)
    return f"{found}, {rows} rows of {sources}" if rows > sources > 0 else found
