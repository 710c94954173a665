"""Tables and JSON: a row is one document, or several rows of one source are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from modellab.core.errors import BrokenFileError, InputError
from modellab.core.io.columns import plain_name
from modellab.core.io.encoding import read_decoded
from modellab.core.io.table_file import (
    TableFile,
    kind_of,
    read_table,
)
from modellab.corpus.documents import Document, SectionStart
from modellab.corpus.readers.reader import (
    DEFAULTS,
    EmptyTextError,
    FileRead,
    ReadOptions,
    Skipped,
    document,
)

Row = Mapping[str, object]

#: usual names, the likeliest first: BEIR, MS MARCO, pyserini, DPR, Hugging Face datasets,
#: LangChain, LlamaIndex and Haystack
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "text": (
        *("text", "contents", "content", "page_content", "passage", "passage_text"),
        *("body", "body_text", "full_text", "paragraph_text", "document_text", "chunk_text"),
        *("chunk", "document", "markdown", "value", "abstract"),
        *("inhalt", "volltext", "contenu", "texte", "contenido", "texto", "contenuto", "testo"),
        *("conteúdo", "conteudo", "inhoud", "tekst", "treść", "содержание", "текст", "зміст"),
        *("内容", "正文", "本文", "내용", "본문"),
    ),
    "id": (
        *("id", "_id", "id_", "chunk_id", "passage_id", "docid", "doc_id", "document_id"),
        *("pid", "uid", "docno", "element_id"),
    ),
    "document": ("document", "doc_id", "docid", "document_id", "parent_id"),
    "title": (
        *("title", "headline", "titel", "überschrift", "titre", "título", "titulo", "titolo"),
        *("tytuł", "заголовок", "название", "标题", "標題", "タイトル", "제목"),
    ),
    "year": ("year", "jahr", "année", "año", "anno", "ano"),
    "type": ("type",),
    "url": ("url", "uri", "link", "source_url"),
}
#: objects with metadata inside a row
_INNER = ("metadata", "meta")
#: names inside them
_INNER_KNOWN: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "_id", "doc_id", "docid", "document_id"),
    "title": ("title",),
    "url": ("url", "source_url"),
}
#: file or page that a text is from, where it has no id
_SOURCES = ("source", "source_file", "file_path", "file_name", "filename", "file", "path", "url")
_PAGES = ("page_label", "page", "page_number")


def value_of(row: Row, name: str) -> object:
    """The value of a name, or of `b` in the object `a` for `a.b`; None where there is none."""
    if name in row or "." not in name:
        return row.get(name)
    outer, _, inner = name.partition(".")
    within = row.get(outer)
    return within.get(inner) if isinstance(within, Mapping) else None


def recognised_names(rows: Sequence[Row], columns: Mapping[str, str], path: Path) -> dict[str, str]:
    """The name in these rows by field (`text`, `id`, `title`, ...), whatever its case.

    `columns` take precedence. Raises InputError for one of `columns` that no row has,
    BrokenFileError where no name is that of a text.
    """
    there = _names(rows)
    found: dict[str, str] = {}
    for field, name in columns.items():
        if name.casefold() not in there:
            raise InputError(
                f"{path}: no {name!r}, which `columns` name for {field!r} "
                f"(found: {', '.join(there.values())})"
            )
        found[field] = there[name.casefold()]
    for field in _KNOWN:
        if field not in found:
            taken = set(found.values())
            free = [name for name in _named(field, there, rows) if name not in taken]
            if free:
                found[field] = free[0]
    if "text" not in found:
        raise BrokenFileError(
            f"{path}: 'text' is missing (found: {', '.join(there.values())}); say what the texts "
            "are called: `columns: {text: ...}`"
        )
    return found


def source_name(rows: Sequence[Row]) -> str | None:
    """The name of a file or address that every row has as its source; None where there is none."""
    there = _names(rows)
    for known in (f"{outer}{name}" for name in _SOURCES for outer in ("", "metadata.", "meta.")):
        name = there.get(known)
        if name is not None and all(_is_place(value_of(row, name)) for row in rows):
            return name
    return None


def page_of(row: Row) -> str:
    """The page that a row gives as its source; empty where there is none."""
    for known in (f"{outer}{name}" for name in _PAGES for outer in ("", "metadata.", "meta.")):
        page = value_of(row, known)
        if isinstance(page, int | str) and not isinstance(page, bool) and str(page).strip():
            return str(page).strip()
    return ""


def _names(rows: Iterable[Row]) -> dict[str, str]:
    """All names of all rows, `metadata.name` too, by their plain form."""
    found: dict[str, str] = {}
    for row in rows:
        for name, inside in row.items():
            found.setdefault(name.casefold(), name)
            if name in _INNER and isinstance(inside, Mapping):
                for inner in inside:
                    found.setdefault(f"{name}.{inner}".casefold(), f"{name}.{inner}")
    for name in list(found.values()):
        outer, point, inner = name.rpartition(".")
        found.setdefault(f"{outer.casefold()}{point}{plain_name(inner)}", name)
    return found


def _named(field: str, there: Mapping[str, str], rows: Sequence[Row]) -> Iterator[str]:
    """The names of a field in these rows; of an id only if some row has one."""
    inner = [f"{outer}.{name}" for name in _INNER_KNOWN.get(field, ()) for outer in _INNER]
    for known in (*_KNOWN[field], *inner):
        name = there.get(known)
        if name is None:
            continue
        if known in inner and not all(isinstance(value_of(row, name), str) for row in rows):
            continue
        if field != "id" or any(value_of(row, name) not in (None, "") for row in rows):
            yield name


def _is_place(value: object) -> bool:
    """Whether it is a file or an address, rather than the name of a collection."""
    return isinstance(value, str) and ("/" in value or "\\" in value or "." in value.strip(". "))


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
        (*chain.from_iterable(_KNOWN.values()), *options.columns.values()),
        _KNOWN["text"],
        options.reading,
    )
    if not file.rows:
        return FileRead((), notes=file.notes)
    single = path.stem if file.single else ""
    rows = [(str(path), file.rows[0][1])] if file.single else file.rows
    rows = [(place, _unwrapped(row)) for place, row in rows]
    names = recognised_names([row for _, row in rows], options.columns, path)
    if names["text"] == "value" and not any(isinstance(row.get("value"), str) for _, row in rows):
        raise BrokenFileError(f"{path}: values that are no texts")
    source = None if "id" in names else source_name([row for _, row in rows])
    numbers: Counter[str] = Counter()
    found: list[Document] = []
    skipped: list[Skipped] = []
    for number, (place, row) in enumerate(rows, start=1):
        values = _values(row, names, place)
        if source is not None:
            origin = str(value_of(row, source)).strip()
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
            found.append(one if source is None else _of_source(one, page_of(row)))
    if source is not None:
        found = _named_pieces(found) if options.chunked else _joined(found)
        names["id"] = source
    recognised = _recognised(names, numbers, single)
    return FileRead(tuple(found), tuple(skipped), recognised, file.notes)


def _unwrapped(row: Row) -> Row:
    """A document in JSON as LangChain's `dumpd` and LlamaIndex's stores write it."""
    inner = row.get("kwargs") if "lc" in row else row.get("__data__")
    return inner if isinstance(inner, dict) else row


def _headerless(path: Path, options: ReadOptions) -> TableFile | None:
    """The rows of a TSV file without a header, with quotes as ordinary characters."""
    if path.is_dir() or kind_of(path) != ".tsv" or options.columns:
        return None
    text, notes = read_decoded(path, options.reading.encoding)
    if any(n.strip().casefold() in _KNOWN["text"] for n in text.split("\n", 1)[0].split("\t")):
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
    if value_of(row, names["text"]) is None and names["text"] not in row:
        keys = ", ".join(map(str, row)) or "none"
        raise InputError(f"{place}: key {names['text']!r} is missing (found: {keys})")
    return {field: value_of(row, name) for field, name in names.items()}


def _of_source(piece: Document, page: str) -> Document:
    """A piece with the title, page and address of its source instead of its number."""
    title = piece.part_of if piece.title == piece.id else piece.title
    url = piece.part_of if "://" in piece.part_of else piece.url
    places = (SectionStart(0, f"page {page}"),) if page else ()
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
    renamed = ((field, name) for field, name in names.items() if field != name)
    found = ", ".join(f"{field} from {name!r}" for field, name in renamed)
    if "id" not in names and not single:
        return ", ".join(filter(None, (found, "ids from the numbers of the rows")))
    rows, sources = numbers.total(), len(numbers)
    return f"{found}, {rows} rows of {sources}" if rows > sources > 0 else found
