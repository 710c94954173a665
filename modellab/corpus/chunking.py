"""Documents cut into chunks of whole sentences."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from modellab.corpus.options import ChunkingOptions
from modellab.corpus.sentences import Span, sentence_spans
from modellab.records import Chunk, Document


def chunk(document: Document, options: ChunkingOptions) -> list[Chunk]:
    """The chunks of a document, in order.

    Each is a stretch of the text as it stands, with at most `max_words` words; every word of the
    document is in one. A longer sentence is cut at words; a longer table row is kept whole.
    """
    sentences = [
        piece
        for sentence in sentence_spans(document.text)
        for piece in _fitting(document.text, sentence, options.max_words)
    ]
    texts = [
        document.text[sentences[first].start : sentences[last - 1].end]
        for first, last in _windows(_word_counts(document.text, sentences), options)
    ]
    return [
        Chunk(name, document.id, position, text, document.title, document.year)
        for position, (name, text) in enumerate(zip(_ids(document.id, texts), texts, strict=True))
    ]


def _fitting(text: str, sentence: Span, max_words: int) -> list[Span]:
    words = list(re.compile(r"\S+").finditer(text, sentence.start, sentence.end))
    if sentence.whole or len(words) <= max_words:
        return [sentence]
    pieces = [words[first : first + max_words] for first in range(0, len(words), max_words)]
    return [Span(piece[0].start(), piece[-1].end()) for piece in pieces]


def _word_counts(text: str, sentences: Sequence[Span]) -> list[int]:
    return [len(text[sentence.start : sentence.end].split()) for sentence in sentences]


def _windows(counts: Sequence[int], options: ChunkingOptions) -> Iterator[tuple[int, int]]:
    """Ranges of sentences, each as long as fits, with the wanted overlap as far as it fits."""
    first = last = 0
    while last < len(counts):
        first = max(first, last - options.overlap_sentences)
        while first < last and sum(counts[first : last + 1]) > options.max_words:
            first += 1
        last += 1
        while last < len(counts) and sum(counts[first : last + 1]) <= options.max_words:
            last += 1
        yield first, last


def _ids(document_id: str, texts: Sequence[str]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for text in texts:
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        seen[digest] += 1
        suffix = f"-{seen[digest]}" if seen[digest] > 1 else ""
        yield f"{document_id}#{digest}{suffix}"
