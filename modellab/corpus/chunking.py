"""Documents cut into chunks of whole sentences."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from modellab.corpus.options import ChunkingOptions
from modellab.corpus.sentences import Span, sentence_spans
from modellab.records import Chunk, Document

_WORD = re.compile(r"\S+")

#: how many tokens a text has
Count = Callable[[str], int]


def chunk(
    document: Document, options: ChunkingOptions, count_tokens: Count | None = None
) -> list[Chunk]:
    """The chunks of a document, in order.

    Each is a stretch of the text as it stands, with at most `max_words` words and, by
    `count_tokens`, `max_tokens` tokens; every word of the document is in one. A longer sentence
    is cut at words; a longer table row is kept whole. Tokens are counted sentence by sentence.
    """
    fits = _Budget(document.text, options, count_tokens)
    stretches = [
        span for section in _sections(document, options) for span in _cut(section, fits, options)
    ]
    texts = [document.text[span.start : span.end] for span in stretches]
    ids = _ids(document.id, texts)
    places = [_place(document, span.start) for span in stretches]
    return [
        Chunk(
            id=name,
            document_id=document.id,
            position=position,
            text=text,
            title=document.title,
            year=document.year,
            place=place,
            url=document.url,
        )
        for position, (name, text, place) in enumerate(zip(ids, texts, places, strict=True))
    ]


class _Budget:
    """How many sentences of a text make a chunk. Sizes are (words, tokens) of a sentence."""

    def __init__(self, text: str, options: ChunkingOptions, count_tokens: Count | None) -> None:
        self.text = text
        self._limits = (options.max_words, options.max_tokens or 0)
        self._count = count_tokens if options.max_tokens else None

    def size(self, span: Span) -> tuple[int, int]:
        piece = self.text[span.start : span.end]
        return len(piece.split()), self._count(piece) if self._count else 0

    def holds(self, sizes: Sequence[tuple[int, int]]) -> bool:
        most_words, most_tokens = self._limits
        words, tokens = sum(size[0] for size in sizes), sum(size[1] for size in sizes)
        return words <= most_words and tokens <= most_tokens


def _sections(document: Document, options: ChunkingOptions) -> list[list[Span]]:
    """The sentences, all together or by the place that they begin in."""
    sentences = sentence_spans(document.text)
    if options.by == "sentences" or not sentences:
        return [sentences]
    starts = [place.start for place in document.places]
    grouped: dict[int, list[Span]] = {}
    for sentence in sentences:
        grouped.setdefault(bisect_right(starts, sentence.start), []).append(sentence)
    return list(grouped.values())


def _cut(sentences: Sequence[Span], budget: _Budget, options: ChunkingOptions) -> Iterator[Span]:
    pieces = [piece for sentence in sentences for piece in _fitting(sentence, budget)]
    sizes = [budget.size(piece) for piece in pieces]
    for first, last in _windows(sizes, budget, options.overlap_sentences):
        yield Span(pieces[first].start, pieces[last - 1].end)


def _fitting(sentence: Span, budget: _Budget) -> Iterator[Span]:
    """The sentence, or as many of its words at a time as fit (one, where even that is too long)."""
    if sentence.whole or budget.holds([budget.size(sentence)]):
        yield sentence
        return
    words = list(_WORD.finditer(budget.text, sentence.start, sentence.end))
    first = 0
    while first < len(words):
        last = _longest(words, first, budget)
        yield Span(words[first].start(), words[last - 1].end())
        first = last


def _longest(words: Sequence[re.Match[str]], first: int, budget: _Budget) -> int:
    """Up to which word (not with it) the words from `first` fit, found by halving."""
    low, high = first + 1, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        span = Span(words[first].start(), words[middle - 1].end())
        low, high = (middle, high) if budget.holds([budget.size(span)]) else (low, middle - 1)
    return low


def _windows(
    sizes: Sequence[tuple[int, int]], budget: _Budget, overlap: int
) -> Iterator[tuple[int, int]]:
    """Ranges of sentences, each as long as fits, with the wanted overlap as far as it fits."""
    first = last = 0
    while last < len(sizes):
        first = max(first, last - overlap)
        while first < last and not budget.holds(sizes[first : last + 1]):
            first += 1
        last += 1
        while last < len(sizes) and budget.holds(sizes[first : last + 1]):
            last += 1
        yield first, last


def _place(document: Document, start: int) -> str:
    """The last place that begins at or before an offset; empty before the first."""
    found = bisect_right([place.start for place in document.places], start)
    return document.places[found - 1].name if found else ""


def _ids(document_id: str, texts: Sequence[str]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for text in texts:
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        seen[digest] += 1
        suffix = f"-{seen[digest]}" if seen[digest] > 1 else ""
        yield f"{document_id}#{digest}{suffix}"
