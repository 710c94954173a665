"""All documents of a corpus, and what became of each."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from modellab.corpus.options import CorpusOptions
from modellab.corpus.readers import readers_by_extension
from modellab.corpus.readers.reader import BrokenFileError, Reader
from modellab.corpus.sql import read_sql
from modellab.digest import digest
from modellab.errors import InputError
from modellab.records import Document

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Skipped:
    """A file or document that is left out, and why."""

    source: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """The documents of a corpus with unique ids, and what was left out.

    `same_text` names for each document that says the same as an earlier one that earlier one.
    """

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...] = ()
    same_text: Mapping[str, str] = field(default_factory=dict)


def read_corpus(options: CorpusOptions) -> Reading:
    """Read a corpus. What is left out is also warned of.

    Raises InputError where nothing is left, two documents have one id, or a reader refuses.
    """
    if options.sql is not None:
        found = Reading(tuple(read_sql(options.sql)))
    else:
        assert options.path is not None
        found = read_documents(options.path, options.format)
    return _told(_without_duplicates(found, options.duplicates == "drop"))


def read_documents(path: Path, format_name: str = "auto") -> Reading:
    """The documents in the order of the sorted paths.

    Hidden files and folders are passed over; files with other extensions are counted in a
    warning. A single file is read by `format_name` whatever its extension. Raises InputError for
    a missing path, no documents, two documents with one id, and what a reader refuses.
    """
    readers = readers_by_extension(format_name)
    if path.is_dir():
        chosen = _in_folder(path, readers)
    elif path.exists():
        chosen = [(path, _for_file(path, readers, format_name))]
    else:
        raise InputError(f"{path}: no such file or folder")
    outcomes = list(_read_all(chosen))
    documents = [outcome for outcome in outcomes if isinstance(outcome, Document)]
    skipped = [outcome for outcome in outcomes if isinstance(outcome, Skipped)]
    if not documents:
        raise InputError(_nothing_in(path, readers, skipped))
    _require_unique(documents)
    return Reading(tuple(documents), tuple(skipped))


def _read_all(chosen: Iterable[tuple[Path, Reader]]) -> Iterator[Document | Skipped]:
    for file, reader in chosen:
        try:
            yield from reader.read(file)
        except BrokenFileError as error:
            yield Skipped(str(file), str(error).removeprefix(f"{file}").lstrip(": "))


def _nothing_in(path: Path, readers: Mapping[str, Reader], skipped: list[Skipped]) -> str:
    if not skipped:
        return f"{path}: no documents; expected files with {_names(readers)}"
    first = f"{skipped[0].source}: {skipped[0].reason}"
    if len(skipped) == 1 and skipped[0].source == str(path):
        return first
    return f"{path}: no documents; none of {len(skipped)} files can be read (first: {first})"


def _without_duplicates(found: Reading, drop: bool) -> Reading:
    """Documents with the same text are told of; with `drop`, only the first of them stays."""
    first: dict[str, str] = {}
    same: dict[str, str] = {}
    for document in found.documents:
        text = digest(" ".join(document.text.split()))
        if text in first:
            same[document.id] = first[text]
        first.setdefault(text, document.id)
    kept = tuple(doc for doc in found.documents if not (drop and doc.id in same))
    dropped = tuple(
        Skipped(doc.source, f"the same text as {same[doc.id]!r}")
        for doc in found.documents
        if drop and doc.id in same
    )
    return Reading(kept, found.skipped + dropped, same)


def _told(reading: Reading) -> Reading:
    for skipped in reading.skipped:
        logger.warning("left out: %s: %s", skipped.source, skipped.reason)
    if reading.skipped:
        logger.warning(
            "left out: %d of %d",
            len(reading.skipped),
            len(reading.skipped) + len(reading.documents),
        )
    for name, first in reading.same_text.items():
        logger.warning("document %r has the same text as %r", name, first)
    return reading


def _in_folder(folder: Path, readers: Mapping[str, Reader]) -> list[tuple[Path, Reader]]:
    files = sorted(path for path in folder.rglob("*") if _visible(path, folder) and path.is_file())
    known = [path for path in files if path.suffix.lower() in readers]
    _warn_of_others(folder, set(files).difference(known), readers)
    return [(path, readers[path.suffix.lower()]) for path in known]


def _visible(path: Path, folder: Path) -> bool:
    return not any(part.startswith(".") for part in path.relative_to(folder).parts)


def _warn_of_others(folder: Path, others: Iterable[Path], readers: Mapping[str, Reader]) -> None:
    counts = Counter(path.suffix.lower() or "no extension" for path in others)
    if counts:
        listed = ", ".join(f"{count} with {name}" for name, count in sorted(counts.items()))
        logger.warning(
            "%s: files not read: %d (%s); only %s are",
            folder,
            counts.total(),
            listed,
            _names(readers),
        )


def _for_file(path: Path, readers: Mapping[str, Reader], format_name: str) -> Reader:
    if format_name != "auto":
        return next(iter(readers.values()))
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"{path}: unknown extension {path.suffix!r}; set 'format' or use {_names(readers)}"
        )
    return reader


def _names(readers: Mapping[str, Reader]) -> str:
    return ", ".join(sorted(readers))


def _require_unique(documents: Iterable[Document]) -> None:
    sources: dict[str, str] = {}
    for document in documents:
        if document.id in sources:
            raise InputError(
                f"{document.source}: id {document.id!r} is taken by {sources[document.id]}; "
                "ids must be unique over the corpus"
            )
        sources[document.id] = document.source
