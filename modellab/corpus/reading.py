"""A corpus (a file, a folder, a data set or a database) is read and cut into chunks."""

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

from modellab.core.errors import BrokenFileError, InputError
from modellab.core.fingerprint import digest
from modellab.core.io.csv_file import write_csv
from modellab.core.io.dataset_folder import is_dataset_folder
from modellab.core.io.encoding import without_compression
from modellab.core.io.folders import corpus_files, is_retrieval_folder
from modellab.core.io.jsonl import write_rows
from modellab.core.io.sql.options import SqlOptions
from modellab.core.io.sql.rows import query_rows
from modellab.core.records import Chunk
from modellab.core.text.escape import escape_formula
from modellab.core.text.words import length_in_words
from modellab.corpus.chunking import chunk, token_counter
from modellab.corpus.documents import (
    DROPPED,
    DUPLICATE,
    READ,
    SKIPPED,
    Document,
    DocumentRow,
)
from modellab.corpus.options import CorpusOptions
from modellab.corpus.readers import READERS, table
from modellab.corpus.readers.reader import (
    DEFAULTS,
    EmptyTextError,
    FileRead,
    Reader,
    ReadOptions,
    Skipped,
    document,
)

logger = logging.getLogger(__name__)

#: number of files that a message lists
_SHOWN = 3


@dataclass(frozen=True)
class CorpusRead:
    """The documents of a corpus, with unique ids, and what was left out.

    `dropped` have the same text as a document that is kept. `same_text` maps each duplicate, kept
    or dropped, to the first document with its text.
    """

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...] = ()
    dropped: tuple[Document, ...] = ()
    same_text: Mapping[str, str] = field(default_factory=dict)


def read_corpus(options: CorpusOptions) -> CorpusRead:
    """Read a corpus, with a warning for everything that is left out.

    Raises InputError where no documents are left, ids are not unique, or a reader refuses.
    """
    if options.sql is not None:
        found = _read_sql(options.sql)
    else:
        assert options.path is not None
        chunked = options.chunking.by == "rows"
        how = ReadOptions(options.columns, options, options.ocr, chunked)
        found = read_documents(options.path, options.format, how)
    return _reported(_without_duplicates(found, options.duplicates == "drop"))


def read_documents(
    path: Path, format_name: str = "auto", options: ReadOptions = DEFAULTS
) -> CorpusRead:
    """The documents of a file or folder, in the order of the sorted paths.

    Hidden files and folders are ignored; other extensions are counted in a warning. A single file
    is read by `format_name` whatever its extension, and so are all files of a folder as `text`.
    Files of the same name get their relative
    paths as ids. Raises InputError for a missing path, no documents, duplicate ids, and what a
    reader refuses.
    """
    chosen_readers = [one for one in READERS if format_name in ("auto", one.name)]
    readers = {extension: one for one in chosen_readers for extension in one.extensions}
    if path.is_dir() and is_dataset_folder(path):
        # a data set is one table, however many files it has
        chosen = [(path, Reader("dataset", (), table.read))]
    elif path.is_dir() and is_retrieval_folder(path):
        # without the queries and judgements beside it
        chosen = [(file, _for_file(file, readers, format_name)) for file in corpus_files(path)]
    elif path.is_dir():
        chosen = _in_folder(path, readers, readers[".txt"] if format_name == "text" else None)
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
        # a document that is a whole file has its path
        whole = (replace(d, path=name) if d.source == str(file) else d for d in found.documents)
        files[file] = replace(found, documents=tuple(whole))
        skipped += found.skipped
    documents = [one for found in files.values() for one in found.documents]
    if not documents:
        raise InputError(_nothing_in(path, readers, skipped))
    _log_notes(files)
    named = _with_ids_by_path(documents)
    sources: dict[str, str] = {}
    for one in named:
        if one.id in sources:
            raise InputError(
                f"{one.source}: id {one.id!r} is taken by {sources[one.id]}; "
                "ids must be unique over the corpus"
            )
        sources[one.id] = one.source
    return CorpusRead(tuple(named), tuple(skipped))


def _read_sql(options: SqlOptions) -> CorpusRead:
    """The documents of a query or table, one per row. Raises InputError as `query_rows` does."""
    where, rows = query_rows(options)
    for name in ("id", "text"):
        if name not in rows[0]:
            source = f"table {options.table!r}" if options.table else "the query"
            hint = (
                f"name the column of {name} in `columns`" if options.table else "rename one with AS"
            )
            raise InputError(
                f"{where}: {source} has no column {name!r} (found: {', '.join(rows[0])}); {hint}"
            )
    documents: dict[str, Document] = {}
    skipped: list[Skipped] = []
    for number, row in enumerate(rows, start=1):
        try:
            found = document(row, f"{where}: row {number}")
        except EmptyTextError as error:
            skipped.append(error.skipped)
            continue
        if found.id in documents:
            raise InputError(f"{found.source}: id {found.id!r} is a duplicate; ids must be unique")
        documents[found.id] = found
    if not documents:
        raise InputError(f"{where}: no row has a text")
    return CorpusRead(tuple(documents.values()), tuple(skipped))


def _with_ids_by_path(documents: Sequence[Document]) -> list[Document]:
    """Documents, with the path as id where several files have the same name."""
    counts = Counter(one.id for one in documents)
    return [
        replace(one, id=one.path) if counts[one.id] > 1 and one.id == Path(one.path).stem else one
        for one in documents
    ]


def _log_notes(files: Mapping[Path, FileRead]) -> None:
    """Log how columns were recognised, and the notes of files, each once for all its files."""
    recognised = ((str(p), f"read with {f.recognised}") for p, f in files.items() if f.recognised)
    for line in _by_note(recognised):
        logger.info(line)
    for line in _by_note((str(path), note) for path, f in files.items() for note in f.notes):
        logger.warning(line)


def _by_note(noted: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A line per note, with the first files that it is about."""
    files: dict[str, list[str]] = {}
    for file, note in noted:
        files.setdefault(note, []).append(file)
    for note, named in files.items():
        more = f" and {len(named) - _SHOWN} more files" if len(named) > _SHOWN else ""
        yield f"{', '.join(named[:_SHOWN])}{more}: {note}"


def _nothing_in(path: Path, readers: Mapping[str, Reader], skipped: list[Skipped]) -> str:
    if not skipped and path.is_file():
        return f"{path}: the file has no documents"
    if not skipped:
        return f"{path}: no documents; expected files with {_names(readers)}"
    first = f"{skipped[0].source}: {skipped[0].reason}"
    if len(skipped) == 1 and skipped[0].source == str(path):
        return first
    return f"{path}: no documents; none of {len(skipped)} files can be read (first: {first})"


def _without_duplicates(found: CorpusRead, drop: bool) -> CorpusRead:
    """Find documents with the same text (whitespace aside); with `drop`, keep the first of each."""
    first: dict[str, str] = {}
    same: dict[str, str] = {}
    for one in found.documents:
        text = digest(" ".join(one.text.split()))
        if text in first:
            same[one.id] = first[text]
        first.setdefault(text, one.id)
    kept = tuple(doc for doc in found.documents if not (drop and doc.id in same))
    dropped = tuple(doc for doc in found.documents if drop and doc.id in same)
    return CorpusRead(kept, found.skipped, dropped, same)


def _reported(read: CorpusRead) -> CorpusRead:
    for skipped in read.skipped:
        name = f" ({skipped.id})" if skipped.id else ""
        logger.warning("left out: %s%s: %s", skipped.source, name, skipped.reason)
    left_out = len(read.skipped) + len(read.dropped)
    if left_out:
        logger.warning("left out: %d of %d", left_out, left_out + len(read.documents))
    for name, first in read.same_text.items():
        logger.warning("document %r has the same text as %r", name, first)
    for line in _by_note((one.source, note) for one in read.documents for note in one.notes):
        logger.warning(line)
    return read


def _in_folder(
    folder: Path, readers: Mapping[str, Reader], others: Reader | None
) -> list[tuple[Path, Reader]]:
    """The files of a folder; `others` reads those with other extensions."""
    found = sorted(
        path
        for path in folder.rglob("*")
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    files = [path for path in found if path.is_file()]
    for path in found:
        if path.is_symlink() and not path.is_file():
            logger.warning("%s: not read: a link to a folder, or to nothing", path)
    by_file = {path: readers.get(_extension(path), others) for path in files}
    unread = Counter(_extension(path) or "no extension" for path in files if not by_file[path])
    if unread:
        logger.warning(
            "%s: files not read: %d (%s); only %s are, and any text with `format: text`",
            folder,
            unread.total(),
            ", ".join(f"{count} with {name}" for name, count in sorted(unread.items())),
            _names(readers),
        )
    return [(path, reader) for path, reader in by_file.items() if reader is not None]


def _extension(path: Path) -> str:
    """The extension in lower case, without that of its compression.

    `.json` for rows of JSON in a file without one, as WikiExtractor writes them.
    """
    own = Path(without_compression(path.name)).suffix or path.suffix.lower()
    if own or not path.is_file():
        return own
    with path.open("rb") as file:
        return ".json" if re.match(rb'\{\s*"', file.read(20)) else ""


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


def chunk_corpus(options: CorpusOptions, chunks: Path, documents: Path) -> None:
    """Read a corpus and write its chunks (JSON lines) and a row per document (CSV).

    Raises InputError for a corpus that cannot be read or has no documents.
    """
    read = read_corpus(options)
    if options.chunking.by == "rows":
        chunked = _rows_as_chunks(read.documents)
    else:
        tokenizer = options.chunking.tokenizer
        count = token_counter(tokenizer) if tokenizer else None
        chunked = [chunk(one, options.chunking, count) for one in read.documents]
    # chunks of a document follow one another, so that each is beside its neighbours
    pieces = [piece for part in chunked for piece in part]
    order = {name: i for i, name in enumerate(dict.fromkeys(c.document_id for c in pieces))}
    pieces.sort(key=lambda piece: order[piece.document_id])
    write_rows(chunks, pieces)
    rows = list(document_rows(read, chunked))
    names = [field.name for field in fields(DocumentRow)]
    write_csv(documents, names, (asdict(replace(r, title=escape_formula(r.title))) for r in rows))
    logger.info(
        "%d documents, %d words, %d chunks, %d left out",
        len(chunked),
        sum(row.words or 0 for row in rows),
        len(pieces),
        len(read.skipped) + len(read.dropped),
    )


def _rows_as_chunks(rows: Sequence[Document]) -> list[list[Chunk]]:
    """One chunk per row of a corpus that is already chunked."""
    positions: Counter[str] = Counter()
    chunked = []
    for row in rows:
        name = row.part_of or row.id
        title = row.title if row.title != row.id else name
        piece = Chunk(row.id, name, positions[name], row.text, title, row.year, url=row.url)
        chunked.append([piece])
        positions[name] += 1
    return chunked


def document_rows(read: CorpusRead, chunked: Sequence[Sequence[Chunk]]) -> Iterator[DocumentRow]:
    """A row per document; `chunked` are the chunks of those that were read."""
    for one, pieces in zip(read.documents, chunked, strict=True):
        twin = read.same_text.get(one.id)
        yield replace(
            _row(one, DUPLICATE if twin else READ, twin),
            words=length_in_words(one.text),
            chunks=len(pieces),
            places=len(one.places),
        )
    for one in read.dropped:
        yield _row(one, DROPPED, read.same_text[one.id])
    for skipped in read.skipped:
        yield DocumentRow(skipped.source, SKIPPED, skipped.id, reason=skipped.reason)


def _row(one: Document, status: str, twin: str | None) -> DocumentRow:
    same = (f"the same text as {twin!r}",) if twin else ()
    return DocumentRow(
        source=one.source,
        status=status,
        id=one.id,
        title=one.title,
        reason="; ".join((*same, *one.notes)),
        path=one.path,
        url=one.url,
        part_of=one.part_of,
        same_as=twin or "",
    )
