"""The documents of a corpus under all names that a file of questions may give them.

A document has its id. Its path or file name (with or without ending), its URL and its title also
mean it, as long as only one document is called so. A document that was left out as a duplicate
means the one with the same text.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from urllib.parse import unquote

from modellab.core.records import Chunk
from modellab.corpus.documents import DROPPED, SKIPPED, DocumentRow

#: endings of files, which a reference may leave out
_ENDINGS = (
    *(".txt", ".md", ".markdown", ".html", ".htm", ".pdf", ".docx", ".doc", ".odt", ".rtf"),
    *(".json", ".jsonl", ".csv", ".tsv", ".xml", ".nxml", ".tei", ".tex", ".rst", ".pptx", ".xlsx"),
    *(".epub", ".ipynb", ".eml", ".mbox", ".srt", ".vtt", ".adoc", ".org"),
)
#: a name with a page or section at its end; digits, or eight hexadecimal ones, number a chunk
_PLACE = re.compile(
    r"(.*?\S)\s*(?:#(?![0-9a-f]{8}(?:-\d+)?$|\d+$)[^#/]*"
    r"|[,;:]?\s*[(\[]?\b(?:p|pp|pg|page|pages|slide|section)\b\.?\s*\d[\d\s,\u2013-]*[)\]]?)",
    re.IGNORECASE,
)
#: beginnings of absolute paths
_ELSEWHERE = re.compile(r"(?:file:/*|~?/+|[A-Za-z]:/+)")
_PROTOCOL = re.compile(r"^https?://(?:www\.)?")
#: no nearest id is searched for among more documents: it takes a second per name
_MOST_COMPARED = 100_000

#: by name the ids of the documents that have it
Index = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Known:
    """The ids of the documents that a name may mean.

    None: the name is unknown. Several that are not `ambiguous`: it means all of them, the pieces of
    one document.
    """

    ids: tuple[str, ...] = ()
    ambiguous: bool = False

    @property
    def sure(self) -> tuple[str, ...]:
        """The ids that are meant; none if the name is ambiguous."""
        return () if self.ambiguous else self.ids


@dataclass(frozen=True)
class DocumentNames:
    """The documents of some chunks, with the rows of the corpus's table of documents."""

    chunks: Sequence[Chunk]
    rows: Sequence[DocumentRow] = ()

    def find(self, written: str) -> Known:
        """The documents that a reference means: an id first, then a file, a URL, a title.

        Then one without a page or section at its end, a file on another machine: the one whose path
        ends it, and a name as it is written in a link.
        """
        name = _plain(written)
        if written in self.ids:
            return Known((written,))
        if (known := self._named(name)).ids:
            return known
        if place := _PLACE.fullmatch(name):
            return self.find(place[1])
        if elsewhere := _ELSEWHERE.match(name):
            folders = name[elsewhere.end() :].split("/")
            ends = ("/".join(folders[start:]) for start in range(len(folders)))
            return next((known for end in ends if (known := self._whole(end)).ids), Known())
        decoded = unquote(name)  # as in links
        return self.find(decoded) if decoded != name else Known()

    def _whole(self, path: str) -> Known:
        """The document of a path within the corpus; none if that is in another folder there."""
        known = self._named(path)
        whole = {_without_ending(self._paths.get(one, one)) for one in known.ids}
        return known if _without_ending(path) in whole else Known()

    @cached_property
    def _paths(self) -> dict[str, str]:
        return {kept: row.path for row, kept in self._kept_rows if row.path}

    def _named(self, name: str) -> Known:
        if name in self.ids:
            return Known((name,))
        if name in self.pieces:
            return Known(tuple(self.pieces[name]))
        for index, spelled in (
            (self.files, name),
            (self.files, _without_ending(name)),
            (self.addresses, plain_address(name)),
            (self.titles, name.casefold()),
            (self._files_in_any_case, _without_ending(name).casefold()),
        ):
            if spelled in index:
                found = tuple(index[spelled])
                return Known(found, len(found) > 1)
        return Known()

    def nearest(self, written: str) -> str | None:
        """The id with the most similar spelling; None if there is none."""
        if len(self.ids) > _MOST_COMPARED:
            return None
        return next(iter(get_close_matches(_plain(written), self.ids, n=1)), None)

    def left_out(self, written: str) -> str | None:
        """The reason why a document of this name was left out; None if none was."""
        name = _plain(written)
        return self._skipped.get(name) or self._skipped.get(_without_ending(name))

    def twin(self, document: str) -> str:
        """The first document with the same text: itself if there is no other."""
        return self._twins.get(document, document)

    @cached_property
    def ids(self) -> dict[str, None]:
        return dict.fromkeys(chunk.document_id for chunk in self.chunks)

    @cached_property
    def _skipped(self) -> dict[str, str]:
        """By all names of a document that was left out: the reason."""
        rows = (row for row in self.rows if row.status == SKIPPED)
        return {spelled: row.reason for row in rows for spelled in _spellings(row.id or row.source)}

    @cached_property
    def dropped(self) -> frozenset[str]:
        """The ids of documents that were left out as duplicates."""
        return frozenset(row.id for row in self.rows if row.status == DROPPED)

    @cached_property
    def _twins(self) -> dict[str, str]:
        return {row.id: row.same_as for row in self.rows if row.same_as}

    @cached_property
    def _kept_rows(self) -> list[tuple[DocumentRow, str]]:
        """The rows of the table with the document of the corpus that each became."""
        part_of = {row.id: row.part_of for row in self.rows if row.part_of}
        found = []
        for row in self.rows:
            kept = self.twin(row.id) if row.status == DROPPED else row.id
            document = next((k for k in (kept, part_of.get(kept)) if k in self.ids), None)
            if document is not None:
                found.append((row, document))
        return found

    @cached_property
    def pieces(self) -> Index:
        """Other ids of documents: of one that was dropped, and of one that is in pieces."""
        rows = [(row, kept) for row, kept in self._kept_rows if row.status != SKIPPED]
        return _index(
            *((row.id, kept) for row, kept in rows if row.status == DROPPED),
            *((row.part_of, kept) for row, kept in rows if row.part_of),
        )

    @cached_property
    def files(self) -> Index:
        """By path or file name, with and without its ending and folders."""
        rows = [(row, kept) for row, kept in self._kept_rows if row.status != SKIPPED]
        named = [
            *((name, name) for name in self.ids),
            *((row.source if row.path else row.id, kept) for row, kept in rows),
        ]
        return _index(*((spelled, kept) for name, kept in named for spelled in _spellings(name)))

    @cached_property
    def _files_in_any_case(self) -> Index:
        names = self.files.items()
        return _index(*((name.casefold(), one) for name, found in names for one in found))

    @cached_property
    def addresses(self) -> Index:
        return self._by("url", plain_address)

    @cached_property
    def titles(self) -> Index:
        """By title, ignoring case."""
        return self._by("title", lambda title: _plain(title).casefold())

    def _by(self, field: str, spelled: Callable[[str], str]) -> Index:
        of_chunks = ((chunk, chunk.document_id) for chunk in self.chunks)
        pairs: Iterable[tuple[Chunk | DocumentRow, str]] = (*of_chunks, *self._kept_rows)
        values = ((getattr(one, field), kept) for one, kept in pairs)
        return _index(*((spelled(value), kept) for value, kept in values if value))


def _index(*pairs: tuple[str, str]) -> Index:
    """By name its documents, each once."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for name, document in pairs:
        found[name][document] = None
    return {name: tuple(documents) for name, documents in found.items()}


def plain_address(url: str) -> str:
    """A URL in lower case, without `https://www.` and a slash at its end."""
    return _PROTOCOL.sub("", url.strip().rstrip("/").casefold())


def _plain(name: str) -> str:
    """A name with single spaces, in Unicode's composed form, with forward slashes.

    macOS writes an ä in a file's name as two characters, Windows folders with backslashes.
    """
    text = unicodedata.normalize("NFC", " ".join(name.split()))
    return text.replace("\\", "/").removeprefix("./")


def _without_ending(name: str) -> str:
    lower = name.lower()
    ending = next((ending for ending in _ENDINGS if lower.endswith(ending)), "")
    return name[: len(name) - len(ending)] or name


def _spellings(path: str) -> Iterator[str]:
    """A path without none, one, ... of its folders, each with and without ending."""
    name = _plain(path)
    while name:
        yield name
        yield _without_ending(name)
        if "://" in name:
            return
        name = name.partition("/")[2]
