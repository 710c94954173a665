"""All documents of a corpus, and what became of each."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from modellab.core.errors import BrokenFileError, InputError
from modellab.core.fingerprint import digest
from modellab.core.io.dataset_folder import is_dataset_folder
from modellab.core.io.retrieval_folder import corpus_files, is_retrieval_folder
from modellab.core.records import Document
from modellab.corpus.options import CorpusOptions
from modellab.corpus.readers import readers_by_extension
from modellab.corpus.readers.reader import (
    DEFAULTS,
    EmptyTextError,
    FileRead,
    Reader,
    ReadOptions,
    Skipped,
)
from modellab.corpus.readers.table import READERS as READERS_OF_TABLES
from modellab.corpus.sql import read_sql

logger = logging.getLogger(__name__)

#: the most files that a message names
_SHOWN = 3


@dataclass(frozen=True)
class Reading:
    """The documents of a corpus with unique ids, and what was left out.

    `dropped` say the same as one that is kept. `same_text` names for each document, kept or
    dropped, that says the same as an earlier one that earlier one.
    """

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...] = ()
    dropped: tuple[Document, ...] = ()
    same_text: Mapping[str, str] = field(default_factory=dict)


def read_corpus(options: CorpusOptions) -> Reading:
    """Read a corpus. What is left out is also warned of.

    Raises InputError where nothing is left, two documents have one id, or a reader refuses.
    """
    if options.sql is not None:
        rows = read_sql(options.sql)
        found = Reading(rows.documents, rows.skipped)
    else:
        assert options.path is not None
        cut = options.chunking.by == "rows"
        how = ReadOptions(options.columns, options.reading(), options.ocr, cut)
        found = read_documents(options.path, options.format, how)
    return _reported(_without_duplicates(found, options.duplicates == "drop"))


def read_documents(
    path: Path, format_name: str = "auto", options: ReadOptions = DEFAULTS
) -> Reading:
    """The documents in the order of the sorted paths.

    Hidden files and folders are passed over; files with other extensions are counted in a
    warning. A single file is read by `format_name` whatever its extension. Files that share a
    name have their paths in the folder as ids. Raises InputError for a missing path, no documents,
    two documents with one id, and what a reader refuses.
    """
    readers = readers_by_extension(format_name)
    if path.is_dir() and is_dataset_folder(path):
        # a data set is one table, in whatever files it is kept
        chosen = [(path, READERS_OF_TABLES[0])]
    elif path.is_dir() and is_retrieval_folder(path):
        # queries and judgements beside them are no documents
        chosen = [(file, _for_file(file, readers, format_name)) for file in corpus_files(path)]
    elif path.is_dir():
        chosen = _in_folder(path, readers)
    elif path.exists():
        chosen = [(path, _for_file(path, readers, format_name))]
    else:
        raise InputError(f"{path}: no such file or folder")
    folder = path if path.is_dir() else path.parent
    files: dict[Path, FileRead] = {}
    skipped: list[Skipped] = []
    for file, reader in chosen:
        name = file.relative_to(folder).as_posix()
        how = replace(options, within=f"{name}:") if file != path else options
        try:
            found = reader.read(file, how)
        except EmptyTextError as error:
            skipped.append(error.skipped)
            continue
        except BrokenFileError as error:
            skipped.append(Skipped(str(file), str(error).removeprefix(f"{file}").lstrip(": ")))
            continue
        files[file] = replace(found, documents=_with_paths(found.documents, file, name))
        skipped += found.skipped
    documents = [one for found in files.values() for one in found.documents]
    if not documents:
        raise InputError(_nothing_in(path, readers, skipped))
    _tell_how(files)
    named = _with_ids_by_path(documents)
    _require_unique(named)
    return Reading(tuple(named), tuple(skipped))


def _with_paths(documents: Iterable[Document], file: Path, name: str) -> tuple[Document, ...]:
    """Documents that are the whole file know its path; rows of it are elsewhere in it."""
    return tuple(replace(one, path=name) if one.source == str(file) else one for one in documents)


def _with_ids_by_path(documents: Sequence[Document]) -> list[Document]:
    """A file whose name another document has is called by its path, as are all of that name."""
    counts = Counter(one.id for one in documents)
    return [
        replace(one, id=one.path) if counts[one.id] > 1 and one.id == Path(one.path).stem else one
        for one in documents
    ]


def _tell_how(files: Mapping[Path, FileRead]) -> None:
    """A line for each way in which names were recognised, and for each other note of a file."""
    recognised = [
        (str(file), f"read with {found.recognised}")
        for file, found in files.items()
        if found.recognised
    ]
    for line in _by_note(recognised):
        logger.info(line)
    for line in _by_note((str(file), note) for file, f in files.items() for note in f.notes):
        logger.warning(line)


def _by_note(noted: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A line for each note, with the first files that it is about."""
    files: dict[str, list[str]] = {}
    for file, note in noted:
        files.setdefault(note, []).append(file)
    for note, named in files.items():
        more = f" and {len(named) - _SHOWN} more files" if len(named) > _SHOWN else ""
        yield f"{', '.join(named[:_SHOWN])}{more}: {note}"


def _nothing_in(path: Path, readers: Mapping[str, Reader], skipped: list[Skipped]) -> str:
    if not skipped:
        return f"{path}: no documents; expected files with {_names(readers)}"
    first = f"{skipped[0].source}: {skipped[0].reason}"
    if len(skipped) == 1 and skipped[0].source == str(path):
        return first
    return f"{path}: no documents; none of {len(skipped)} files can be read (first: {first})"


def _without_duplicates(found: Reading, drop: bool) -> Reading:
    """Documents with the same text are reported; with `drop`, only the first of them stays.

    All of a text point to the first, so that none points to one that is dropped itself.
    """
    first: dict[str, str] = {}
    same: dict[str, str] = {}
    for document in found.documents:
        text = digest(" ".join(document.text.split()))
        if text in first:
            same[document.id] = first[text]
        first.setdefault(text, document.id)
    kept = tuple(doc for doc in found.documents if not (drop and doc.id in same))
    dropped = tuple(doc for doc in found.documents if drop and doc.id in same)
    return Reading(kept, found.skipped, dropped, same)


def _reported(reading: Reading) -> Reading:
    for skipped in reading.skipped:
        name = f" ({skipped.id})" if skipped.id else ""
        logger.warning("left out: %s%s: %s", skipped.source, name, skipped.reason)
    left_out = len(reading.skipped) + len(reading.dropped)
    if left_out:
        logger.warning("left out: %d of %d", left_out, left_out + len(reading.documents))
    for name, first in reading.same_text.items():
        logger.warning("document %r has the same text as %r", name, first)
    for line in _by_note((one.source, note) for one in reading.documents for note in one.notes):
        logger.warning(line)
    return reading


def _in_folder(folder: Path, readers: Mapping[str, Reader]) -> list[tuple[Path, Reader]]:
    files = sorted(path for path in folder.rglob("*") if _visible(path, folder) and path.is_file())
    known = [path for path in files if _extension(path) in readers]
    _warn_of_others(folder, set(files).difference(known), readers)
    return [(path, readers[_extension(path)]) for path in known]


def _extension(path: Path) -> str:
    """In lower case; of a compressed file that of the file inside."""
    inner = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return inner.suffix.lower()


def _visible(path: Path, folder: Path) -> bool:
    return not any(part.startswith(".") for part in path.relative_to(folder).parts)


def _warn_of_others(folder: Path, others: Iterable[Path], readers: Mapping[str, Reader]) -> None:
    counts = Counter(_extension(path) or "no extension" for path in others)
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
    reader = readers.get(_extension(path))
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
