"""The first stage: a corpus is cut into chunks, with a table of its documents."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path

from modellab.core.io.csv_file import write_csv
from modellab.core.io.jsonl import write_rows
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
from modellab.corpus.reading import Reading, read_corpus

log = logging.getLogger(__name__)


def chunk_corpus(options: CorpusOptions, chunks: Path, documents: Path) -> None:
    """Read a corpus and write its chunks (JSON lines) and a row per document (CSV).

    Raises InputError for a corpus that cannot be read or has no documents.
    """
    reading = read_corpus(options)
    if options.chunking.by == "rows":
        chunked = _rows_as_chunks(reading.documents)
    else:
        tokenizer = options.chunking.tokenizer
        count = token_counter(tokenizer) if tokenizer else None
        chunked = [chunk(document, options.chunking, count) for document in reading.documents]
    # chunks of a document follow one another, so that each is beside its neighbours
    pieces = [piece for part in chunked for piece in part]
    order = {name: i for i, name in enumerate(dict.fromkeys(c.document_id for c in pieces))}
    pieces.sort(key=lambda piece: order[piece.document_id])
    write_rows(chunks, pieces)
    rows = list(document_rows(reading, chunked))
    names = [field.name for field in fields(DocumentRow)]
    write_csv(documents, names, (asdict(replace(r, title=escape_formula(r.title))) for r in rows))
    log.info(
        "%d documents, %d words, %d chunks, %d left out",
        len(chunked),
        sum(row.words or 0 for row in rows),
        len(pieces),
        len(reading.skipped) + len(reading.dropped),
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


def document_rows(reading: Reading, chunked: Sequence[Sequence[Chunk]]) -> Iterator[DocumentRow]:
    """A row per document; `chunked` are the chunks of those that were read."""
    for document, pieces in zip(reading.documents, chunked, strict=True):
        twin = reading.same_text.get(document.id)
        yield replace(
            _row(document, DUPLICATE if twin else READ, twin),
            words=length_in_words(document.text),
            chunks=len(pieces),
            places=len(document.places),
        )
    for document in reading.dropped:
        yield _row(document, DROPPED, reading.same_text[document.id])
    for skipped in reading.skipped:
        yield DocumentRow(skipped.source, SKIPPED, skipped.id, reason=skipped.reason)


def _row(document: Document, status: str, twin: str | None) -> DocumentRow:
    same = (f"the same text as {twin!r}",) if twin else ()
    return DocumentRow(
        source=document.source,
        status=status,
        id=document.id,
        title=document.title,
        reason="; ".join((*same, *document.notes)),
        path=document.path,
        url=document.url,
        part_of=document.part_of,
        same_as=twin or "",
    )
