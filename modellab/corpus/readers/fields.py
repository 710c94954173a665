"""Recognising the columns or JSON keys that hold id, text, title and so on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from modellab.core.errors import BrokenFileError, InputError
from modellab.core.io.columns import plain_name

Row = Mapping[str, object]

#: usual names, the likeliest first: BEIR, MS MARCO, pyserini, DPR, Hugging Face datasets,
#: LangChain, LlamaIndex and Haystack
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "text": (
        *("text", "contents", "content", "page_content", "passage", "passage_text"),
        *("body", "body_text", "full_text", "paragraph_text", "document_text", "chunk_text"),
        *("chunk", "document", "value", "abstract"),
    ),
    "id": (
        *("id", "_id", "id_", "chunk_id", "passage_id", "docid", "doc_id", "document_id"),
        *("pid", "uid", "docno", "element_id"),
    ),
    "document": ("document", "doc_id", "docid", "document_id", "parent_id"),
    "title": ("title", "headline"),
    "year": ("year",),
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


def value(row: Row, name: str) -> object:
    """The value of a name, or of `b` in the object `a` for `a.b`; None where there is none."""
    if name in row or "." not in name:
        return row.get(name)
    outer, _, inner = name.partition(".")
    within = row.get(outer)
    return within.get(inner) if isinstance(within, Mapping) else None


def recognised(rows: Sequence[Row], columns: Mapping[str, str], path: Path) -> dict[str, str]:
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
        if name is not None and all(_is_place(value(row, name)) for row in rows):
            return name
    return None


def page_of(row: Row) -> str:
    """The page that a row gives as its source; empty where there is none."""
    for known in (f"{outer}{name}" for name in _PAGES for outer in ("", "metadata.", "meta.")):
        page = value(row, known)
        if isinstance(page, int | str) and not isinstance(page, bool) and str(page).strip():
            return str(page).strip()
    return ""


def in_words(names: Mapping[str, str]) -> str:
    """The recognised names that differ from the fields'."""
    return ", ".join(f"{field} from {name!r}" for field, name in names.items() if field != name)


def known_names() -> frozenset[str]:
    """All usual names at the top level of a row."""
    return frozenset(name for names in _KNOWN.values() for name in names)


def text_names() -> frozenset[str]:
    """The names of a text, in lower case."""
    return frozenset(_KNOWN["text"])


def is_text_name(name: str) -> bool:
    """Whether this is a usual name of a text column."""
    return name.strip().casefold() in _KNOWN["text"]


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
        if known in inner and not all(isinstance(value(row, name), str) for row in rows):
            continue
        if field != "id" or any(value(row, name) not in (None, "") for row in rows):
            yield name


def _is_place(said: object) -> bool:
    """Whether it is a file or an address, rather than the name of a collection."""
    return isinstance(said, str) and ("/" in said or "\\" in said or "." in said.strip(". "))
