"""Documents cut into chunks of whole sentences."""

# Full-width signs are meant.
# ruff: noqa: RUF001

from __future__ import annotations

import hashlib
import re
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any, TypeAlias

import regex

from modellab.core.records import Chunk, Document
from modellab.core.text.sentences import Span, sentence_spans
from modellab.core.text.words import length_in_words
from modellab.corpus.options import ChunkingOptions

#: a pattern whose matches are the parts of a text
Parts: TypeAlias = "re.Pattern[str] | Any"

_CELLS = re.compile(r"(?:\|\s*)?[^|\s](?:[^|]*[^|\s])?(?:\s*\|\s*\Z)?|\|")
_WORDS = re.compile(r"\S+")
_CLAUSES = re.compile(r"[^,;:，、；：]+[,;:，、；：]*|[,;:，、；：]+")
_CHARACTERS = regex.compile(r"\X")
#: from coarse to fine
_PARTS = (_WORDS, _CLAUSES, _CHARACTERS)
_ROW_PARTS = (_CELLS, *_PARTS)

#: how many tokens a text has
Count = Callable[[str], int]


def chunk(
    document: Document, options: ChunkingOptions, count_tokens: Count | None = None
) -> list[Chunk]:
    """The chunks of a document, in order, in time that grows as its text does.

    Each is a stretch of the text as it is, with at most `max_words` words
    (`core.text.words.length_in_words`), `max_characters` characters and, by `count_tokens`,
    `max_tokens` tokens; every word of the document is in one. What is longer is cut: a table row
    between its cells, a sentence between words, a word after a comma or else anywhere but inside
    a character. Only a single character with more tokens than `max_tokens` is over the limit.
    """
    budget = _Budget(document.text, options, count_tokens)
    stretches = [
        span
        for section in _sections(document, options)
        for span in _cut(section, budget, options.overlap_sentences)
    ]
    texts = [document.text[span.start : span.end] for span in stretches]
    ids = _ids(document.id, texts)
    starts = [place.start for place in document.places]
    names = ["", *(place.name for place in document.places)]
    return [
        Chunk(
            id=name,
            document_id=document.id,
            position=position,
            text=text,
            title=document.title,
            year=document.year,
            # the last that begins at or before it; none before the first
            place=names[bisect_right(starts, span.start)],
            url=document.url,
        )
        for position, (name, text, span) in enumerate(zip(ids, texts, stretches, strict=True))
    ]


class _Budget:
    """What fits into a chunk of a text."""

    def __init__(self, text: str, options: ChunkingOptions, count_tokens: Count | None) -> None:
        self.text = text
        self.max_words = options.max_words
        self.max_characters = options.max_characters or sys.maxsize
        self.max_tokens = options.max_tokens or sys.maxsize
        self._count = count_tokens if options.max_tokens else None

    def words(self, span: Span) -> int:
        return length_in_words(self.text[span.start : span.end])

    def tokens(self, span: Span) -> int:
        return self._count(self.text[span.start : span.end]) if self._count else 0

    def fits(self, span: Span) -> bool:
        return (
            span.end - span.start <= self.max_characters
            and self.words(span) <= self.max_words
            and self.tokens(span) <= self.max_tokens
        )


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


def _cut(sentences: Sequence[Span], budget: _Budget, overlap: int) -> Iterator[Span]:
    pieces = [
        piece
        for sentence in sentences
        for piece in _fitting(sentence, budget, _ROW_PARTS if sentence.whole else _PARTS)
    ]
    return _windows(pieces, budget, overlap)


def _fitting(span: Span, budget: _Budget, parts: Sequence[Parts]) -> Iterator[Span]:
    """The span, or as many of its parts at a time as fit; a part that does not is cut finer."""
    if not parts or budget.fits(span):
        yield span
        return
    found = [Span(*part.span()) for part in parts[0].finditer(budget.text, span.start, span.end)]
    first = 0
    while first < len(found):
        if len(found) == 1 or not budget.fits(found[first]):
            yield from _fitting(found[first], budget, parts[1:])
            first += 1
            continue
        last = _longest(found, first, budget)
        yield Span(found[first].start, found[last - 1].end)
        first = last


def _longest(parts: Sequence[Span], first: int, budget: _Budget) -> int:
    """Up to which part (not with it) those from `first` fit, of which that one does.

    Found in growing steps and then by halving: all that is looked at is about as long as what
    fits, however long the text goes on.
    """

    def fits(last: int) -> bool:
        return budget.fits(Span(parts[first].start, parts[last - 1].end))

    low, step = first + 1, 1
    while low < len(parts) and fits(min(low + step, len(parts))):
        low, step = min(low + step, len(parts)), 2 * step
    high = min(low + step, len(parts)) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _windows(pieces: Sequence[Span], budget: _Budget, overlap: int) -> Iterator[Span]:
    """Pieces together, as many as fit, with the wanted overlap as far as it fits.

    Sizes are added up. Tokens of a text may be more than those of its pieces, so what was found
    is counted once more, and made shorter where it is over the limit.
    """
    words = [0, *accumulate(map(budget.words, pieces))]
    tokens = [0, *accumulate(map(budget.tokens, pieces))]

    def joined(first: int, last: int) -> Span:
        return Span(pieces[first].start, pieces[last - 1].end)

    def fits(first: int, last: int) -> bool:
        span = joined(first, last)
        return (
            words[last] - words[first] <= budget.max_words
            and tokens[last] - tokens[first] <= budget.max_tokens
            and span.end - span.start <= budget.max_characters
        )

    first = last = 0
    while last < len(pieces):
        before = last
        first = max(first, last - overlap)
        while first < last and not fits(first, last + 1):
            first += 1
        last += 1
        while last < len(pieces) and fits(first, last + 1):
            last += 1
        while last - first > 1 and budget.tokens(joined(first, last)) > budget.max_tokens:
            # a new piece at the end is done without, but not the last of them
            first, last = (first, last - 1) if last > before + 1 else (first + 1, last)
        yield joined(first, last)


def _ids(document_id: str, texts: Sequence[str]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for text in texts:
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        seen[digest] += 1
        suffix = f"-{seen[digest]}" if seen[digest] > 1 else ""
        yield f"{document_id}#{digest}{suffix}"
