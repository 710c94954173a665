"""Tables and JSON: a row is one document, or several rows of one source are."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from modellab.core.errors import BrokenFileError, InputError
from modellab.core.io.encoding import read_decoded
from modellab.core.io.table_file import (
    TableFile,
    kind_of,
    read_table,
)
from modellab.corpus.documents import Document, Place
from modellab.corpus.readers import fields
from modellab.corpus.readers.reader import (
    DEFAULTS,
    EmptyTextError,
    FileRead,
    ReadOptions,
    Skipped,
    document,
)

#: between rows that are joined to one document
_SEPARATOR = "\n\n"
#: columns of files without a header by their number, as MS MARCO publishes passages
#: (collection.tsv) and documents (msmarco-docs.tsv)
_HEADERLESS: Mapping[int, tuple[str, ...]] = {
    2: ("id", "text"),
    4: ("id", "url", "title", "text"),
}


def read(path: Path, options: ReadOptions = DEFAULTS) -> FileRead:
    """One document per row, by the names of columns or keys.

    A JSON object with a text is a document itself, with the file's stem as its id if it has none.
    A row without an id is named by the file or address in it, else by its number. Rows of one
    source are one document, or its chunks where the corpus is already chunked. Rows with an empty
    text are skipped. Raises InputError (file, row) as `read_table` does, and for a row that is not
    a document.
    """
    file = _headerless(path, options) or read_table(
        path,
        (*fields.known_names(), *options.columns.values()),
        fields.text_names(),
        options.reading,
    )
    if not file.rows:
        return FileRead((), notes=file.notes)
    single = path.stem if file.single else ""
    rows = [(str(path), file.rows[0][1])] if file.single else file.rows
    names = fields.recognised([row for _, row in rows], options.columns, path)
    source = None if "id" in names else fields.source_name([row for _, row in rows])
    numbers: Counter[str] = Counter()
    found: list[Document] = []
    skipped: list[Skipped] = []
    for number, (place, row) in enumerate(rows, start=1):
        values = _values(row, names, place)
        if source is not None:
            origin = str(fields.value(row, source)).strip()
            numbers[origin] += 1
            values |= {"id": f"{origin}:{numbers[origin]}", "document": origin}
        elif "id" not in names:
            values["id"] = single or f"{options.within}{number}"
        try:
            one = document(values, place)
        except EmptyTextError as error:
            name = error.skipped.id if source is None else str(values["document"])
            skipped.append(replace(error.skipped, id=name))
        else:
            found.append(one if source is None else _of_source(one, fields.page_of(row)))
    if source is not None:
        found = _named_pieces(found) if options.chunked else _joined(found)
        names["id"] = source
    recognised = _recognised(names, numbers, single)
    return FileRead(tuple(found), tuple(skipped), recognised, file.notes)


def _headerless(path: Path, options: ReadOptions) -> TableFile | None:
    """The rows of a TSV file without a header, with quotes as ordinary characters."""
    if path.is_dir() or kind_of(path) != ".tsv" or options.columns:
        return None
    text, notes = read_decoded(path, options.reading.encoding)
    if any(fields.is_text_name(name) for name in text.split("\n", 1)[0].split("\t")):
        return None
    return TableFile(tuple(_headerless_rows(path, text)), notes)


def _headerless_rows(path: Path, text: str) -> Iterator[tuple[str, dict[str, str]]]:
    width = None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        cells = line.split("\t")
        width = width or len(cells)
        if width not in _HEADERLESS or len(cells) != width:
            wanted = "2 (id, text) or 4 (id, url, title, text)"
            wanted = str(width) if width in _HEADERLESS else f"{wanted}, or a header with `text`"
            raise BrokenFileError(f"{path}:{number}: {len(cells)} cells; expected {wanted}")
        yield f"{path}:{number}", dict(zip(_HEADERLESS[width], cells, strict=True))


def _values(row: Mapping[str, object], names: Mapping[str, str], place: str) -> dict[str, object]:
    if fields.value(row, names["text"]) is None and names["text"] not in row:
        keys = ", ".join(map(str, row)) or "none"
        raise InputError(f"{place}: key {names['text']!r} is missing (found: {keys})")
    return {field: fields.value(row, name) for field, name in names.items()}


def _of_source(piece: Document, page: str) -> Document:
    """A piece with the title, page and address of its source instead of its number."""
    title = piece.part_of if piece.title == piece.id else piece.title
    url = piece.part_of if "://" in piece.part_of else piece.url
    places = (Place(0, f"page {page}"),) if page else ()
    return replace(piece, title=title, url=url, places=places)


def _named_pieces(pieces: Sequence[Document]) -> list[Document]:
    """Chunks keep their numbers; the only chunk of a source gets the source's name."""
    counts = Counter(piece.part_of for piece in pieces)
    return [
        replace(piece, id=piece.part_of) if counts[piece.part_of] == 1 else piece
        for piece in pieces
    ]


def _joined(pieces: Iterable[Document]) -> list[Document]:
    """One document per source, from its rows in order; its places are their pages."""
    by_source: dict[str, list[Document]] = {}
    for piece in pieces:
        by_source.setdefault(piece.part_of, []).append(piece)
    found = []
    for name, parts in by_source.items():
        text, places, start = _SEPARATOR.join(part.text for part in parts), [], 0
        for part in parts:
            places += [replace(place, start=start) for place in part.places]
            start += len(part.text) + len(_SEPARATOR)
        found.append(replace(parts[0], id=name, text=text, places=tuple(places), part_of=""))
    return found


def _recognised(names: Mapping[str, str], numbers: Counter[str], single: str) -> str:
    found = fields.in_words(names)
    if "id" not in names and not single:
        return ", ".join(filter(None, (found, "ids from the numbers of the rows")))
    rows, sources = numbers.total(), len(numbers)
    return f"{found}, {rows} rows of {sources}" if rows > sources > 0 else found
