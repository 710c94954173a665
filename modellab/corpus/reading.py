"""All documents of a file or a folder."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from modellab.corpus.readers import readers_by_extension
from modellab.corpus.readers.reader import Reader
from modellab.errors import InputError
from modellab.records import Document

logger = logging.getLogger(__name__)


def read_documents(path: Path, format_name: str = "auto") -> list[Document]:
    """The documents in the order of the sorted paths, ids unique.

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
    documents = [document for file, reader in chosen for document in reader.read(file)]
    if not documents:
        raise InputError(f"{path}: no documents; expected files with {_names(readers)}")
    _require_unique(documents)
    return documents


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
