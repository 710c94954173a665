"""The first stage: from a corpus to chunks, and to a table of what became of its documents."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from modellab.core.io.csv_file import write_csv
from modellab.core.io.jsonl import write_rows
from modellab.core.records import Chunk, Document
from modellab.core.text.spreadsheet import harmless
from modellab.core.text.words import length_in_words
from modellab.corpus.chunking import chunk
from modellab.corpus.documents import DROPPED, DUPLICATE, READ, SKIPPED, DocumentRow
from modellab.corpus.options import CorpusOptions
from modellab.corpus.reading import Reading, read_corpus
from modellab.corpus.tokens import token_counter

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CorpusReport:
    """How much was read: `words` are those of the documents, without the overlap of chunks."""

    documents: int
    chunks: int
    words: int
    skipped: int


def chunk_corpus(options: CorpusOptions, chunks: Path, documents: Path) -> CorpusReport:
    """Read a corpus and write its chunks (JSON lines) and a row per document (CSV).

    Raises InputError for a corpus that cannot be read, or of which nothing is left.
    """
    reading = read_corpus(options)
    count = token_counter(options.chunking.tokenizer) if options.chunking.tokenizer else None
    if options.chunking.by == "rows":
        cut = _as_they_are(reading.documents)
    else:
        cut = [chunk(document, options.chunking, count) for document in reading.documents]
    pieces = _side_by_side([piece for part in cut for piece in part])
    rows = list(document_rows(reading, cut))
    write_rows(chunks, pieces)
    names = [field.name for field in fields(DocumentRow)]
    write_csv(documents, names, (asdict(replace(r, title=harmless(r.title))) for r in rows))
    words = sum(row.words or 0 for row in rows)
    left_out = len(reading.skipped) + len(reading.dropped)
    report = CorpusReport(len(cut), len(pieces), words, left_out)
    log.info(
        "%d documents, %d words, %d chunks, %d left out",
        report.documents,
        report.words,
        report.chunks,
        report.skipped,
    )
    return report


def _as_they_are(pieces: Sequence[Document]) -> list[list[Chunk]]:
    """One chunk for each piece of a corpus that is cut already."""
    positions: Counter[str] = Counter()
    cut = []
    for piece in pieces:
        name = piece.part_of or piece.id
        cut.append(
            [
                Chunk(
                    id=piece.id,
                    document_id=name,
                    position=positions[name],
                    text=piece.text,
                    title=piece.title if piece.title != piece.id else name,
                    year=piece.year,
                    url=piece.url,
                )
            ]
        )
        positions[name] += 1
    return cut


def _side_by_side(chunks: list[Chunk]) -> list[Chunk]:
    """The chunks of a document after one another, so that each is beside its neighbours."""
    first: dict[str, int] = {}
    for piece in chunks:
        first.setdefault(piece.document_id, len(first))
    return sorted(chunks, key=lambda piece: first[piece.document_id])


def document_rows(reading: Reading, cut: Sequence[Sequence[Chunk]]) -> Iterator[DocumentRow]:
    """What became of each document; `cut` are the chunks of those that were read."""
    for document, pieces in zip(reading.documents, cut, strict=True):
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
