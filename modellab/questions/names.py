"""The documents of a corpus under all names that a file of questions may give them.

A document has its id. It may also be called by its path or file name, with or without the ending,
by its address and by its title, as long as only one document is called so. A document that was
left out because another one has its text is that other one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from modellab.core.records import Chunk
from modellab.corpus.documents import DROPPED, SKIPPED, DocumentRow

#: endings of files, which a reference may leave out
_ENDINGS = (
    *(".txt", ".md", ".markdown", ".html", ".htm", ".pdf", ".docx", ".doc", ".odt", ".rtf"),
    *(".json", ".jsonl", ".csv", ".tsv", ".xml", ".tex", ".rst", ".pptx", ".xlsx"),
)
#: with more documents no nearest id is looked for: it takes a second for each name
_MOST_COMPARED = 100_000


@dataclass(frozen=True)
class Known:
    """The ids of the documents that a name may stand for.

    None: it is unknown. Several that are not `ambiguous`: it means all of them, as a document
    does whose pieces are documents.
    """

    ids: tuple[str, ...] = ()
    ambiguous: bool = False

    @property
    def sure(self) -> tuple[str, ...]:
        """The ids that are meant; none where nobody can say which."""
        return () if self.ambiguous else self.ids


@dataclass(frozen=True)
class Names:
    """The documents of some chunks, and what the table of the corpus says of them and of others."""

    chunks: Sequence[Chunk]
    rows: Sequence[DocumentRow] = ()

    def find(self, written: str) -> Known:
        """What a reference means: an id first, then a file, an address, a title."""
        name = _plain(written)
        if written in self.ids or name in self.ids:
            return Known((written if written in self.ids else name,))
        if name in self.pieces:
            return Known(self.pieces[name])
        for names, spelled in (
            (self.files, name),
            (self.files, _without_ending(name)),
            (self.addresses, plain_address(name)),
            (self.titles, name.casefold()),
        ):
            if spelled in names:
                found = names[spelled]
                return Known(tuple(found), len(found) > 1)
        return Known()

    def nearest(self, written: str) -> str | None:
        """The id that is written most alike; None where none is."""
        if len(self.ids) > _MOST_COMPARED:
            return None
        return next(iter(get_close_matches(_plain(written), self.ids, n=1)), None)

    def left_out(self, written: str) -> str | None:
        """Why a document that a reference names was left out; None where none was."""
        name = _plain(written)
        return self._skipped.get(name) or self._skipped.get(_without_ending(name))

    def twin(self, document: str) -> str:
        """The first of the documents with the same text: itself where there is no other."""
        return self._twins.get(document, document)

    @cached_property
    def ids(self) -> dict[str, None]:
        return dict.fromkeys(chunk.document_id for chunk in self.chunks)

    @cached_property
    def _skipped(self) -> dict[str, str]:
        """By all names of a document that was left out: why."""
        rows = (row for row in self.rows if row.status == SKIPPED)
        return {spelled: row.reason for row in rows for spelled in _spellings(row.id or row.source)}

    @cached_property
    def dropped(self) -> frozenset[str]:
        """The ids of documents that were left out for another one with the same text."""
        return frozenset(row.id for row in self.rows if row.status == DROPPED)

    @cached_property
    def _twins(self) -> dict[str, str]:
        return {row.id: row.same_as for row in self.rows if row.same_as}

    @cached_property
    def _documents(self) -> dict[str, str]:
        """The document of each row that is a piece of one."""
        return {row.id: row.part_of for row in self.rows if row.part_of}

    def _kept(self, name: str, status: str) -> str | None:
        """The document of the corpus that a row of the table became, or whose twin it is."""
        kept = self.twin(name) if status == DROPPED else name
        return next((k for k in (kept, self._documents.get(kept)) if k in self.ids), None)

    @cached_property
    def pieces(self) -> dict[str, tuple[str, ...]]:
        """Other ids of documents: one that was dropped, and one that is in pieces."""
        found: dict[str, dict[str, None]] = {}
        for row in self.rows:
            kept = self._kept(row.id, row.status)
            if kept is None or row.status == SKIPPED:
                continue
            if row.status == DROPPED:
                found.setdefault(row.id, {})[kept] = None
            if row.part_of:
                found.setdefault(row.part_of, {})[kept] = None
        return {name: tuple(kept) for name, kept in found.items()}

    @cached_property
    def files(self) -> dict[str, dict[str, None]]:
        """By path or file name, with and without its ending and folders."""
        found: dict[str, dict[str, None]] = {}
        for name in self.ids:
            for spelled in _spellings(name):
                found.setdefault(spelled, {})[name] = None
        for row in self.rows:
            kept = self._kept(row.id, row.status) if row.status != SKIPPED else None
            where = row.source if row.path else row.id
            if kept is not None:
                for spelled in _spellings(where):
                    found.setdefault(spelled, {})[kept] = None
        return found

    @cached_property
    def addresses(self) -> dict[str, dict[str, None]]:
        found: dict[str, dict[str, None]] = {}
        for chunk in self.chunks:
            if chunk.url:
                found.setdefault(plain_address(chunk.url), {})[chunk.document_id] = None
        for row in self.rows:
            kept = self._kept(row.id, row.status)
            if row.url and kept is not None:
                found.setdefault(plain_address(row.url), {})[kept] = None
        return found

    @cached_property
    def titles(self) -> dict[str, dict[str, None]]:
        """By title, but for case."""
        found: dict[str, dict[str, None]] = {}
        for chunk in self.chunks:
            found.setdefault(_plain(chunk.title).casefold(), {})[chunk.document_id] = None
        for row in self.rows:
            kept = self._kept(row.id, row.status)
            if row.title and kept is not None:
                found.setdefault(_plain(row.title).casefold(), {})[kept] = None
        return found


def plain_address(url: str) -> str:
    """An address without case and a slash at its end."""
    return url.strip().rstrip("/").casefold()


def _plain(name: str) -> str:
    """A name with one space between words, in the composed form, as folders are written here.

    macOS writes an ä in a file's name as two characters, Windows folders with backslashes.
    """
    text = unicodedata.normalize("NFC", " ".join(name.split()))
    return text.replace("\\", "/").removeprefix("./")


def _without_ending(name: str) -> str:
    lower = name.lower()
    ending = next((ending for ending in _ENDINGS if lower.endswith(ending)), "")
    return name[: len(name) - len(ending)] or name


def _spellings(path: str) -> Iterator[str]:
    """A path and what is left of it without its first folders, each with and without ending."""
    name = _plain(path)
    while name:
        yield name
        yield _without_ending(name)
        if "://" in name:
            return
        name = name.partition("/")[2]
