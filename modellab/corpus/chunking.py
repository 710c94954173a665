"""Chunking of documents at sentence boundaries."""

# Full-width punctuation is meant.
# ruff: noqa: RUF001

import hashlib
import re
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeAlias

import regex

from modellab.core.errors import InputError
from modellab.core.records import Chunk
from modellab.core.text.sentences import Span, sentence_spans
from modellab.core.text.words import length_in_words
from modellab.corpus.documents import Document
from modellab.corpus.options import ChunkingOptions

#: a pattern that matches the parts of a text
Parts: TypeAlias = "re.Pattern[str] | Any"

_CELLS = re.compile(r"(?:\|\s*)?[^|\s](?:[^|]*[^|\s])?(?:\s*\|\s*\Z)?|\|")
_WORDS = re.compile(r"\S+")
_CLAUSES = re.compile(r"[^,;:，、；：]+[,;:，、；：]*|[,;:，、；：]+")
_CHARACTERS = regex.compile(r"\X")
#: from coarse to fine
_PARTS = (_WORDS, _CLAUSES, _CHARACTERS)
_ROW_PARTS = (_CELLS, *_PARTS)

#: the number of tokens of a text
Count = Callable[[str], int]


def chunk(
    document: Document, options: ChunkingOptions, count_tokens: Count | None = None
) -> list[Chunk]:
    """The chunks of a document in order, in time linear in the length of its text.

    Each is a verbatim span of the text within `max_words` (`core.text.words.length_in_words`),
    `max_characters` and, by `count_tokens`, `max_tokens`; together they cover every word. What is
    too long is split: a table row between its cells, a sentence between words, a word after a
    comma or else between grapheme clusters. Only a single character may exceed `max_tokens`.
    """
    budget = _Budget(document.text, options, count_tokens)
    spans = [
        span
        for section in _sections(document, options)
        for span in _windows(_pieces(section, budget), budget, options.overlap_sentences)
    ]
    texts = [document.text[span.start : span.end] for span in spans]
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
            place=names[bisect_right(starts, span.start)],
            url=document.url,
        )
        for position, (name, text, span) in enumerate(zip(ids, texts, spans, strict=True))
    ]


class _Budget:
    """The size limits of a chunk."""

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
    """The sentences: all, or grouped by the place that they start in."""
    sentences = sentence_spans(document.text)
    if options.by == "sentences" or not sentences:
        return [sentences]
    starts = [place.start for place in document.places]
    grouped: dict[int, list[Span]] = {}
    for sentence in sentences:
        grouped.setdefault(bisect_right(starts, sentence.start), []).append(sentence)
    return list(grouped.values())


def _pieces(sentences: Sequence[Span], budget: _Budget) -> list[Span]:
    return [
        piece
        for sentence in sentences
        for piece in _split(sentence, budget, _ROW_PARTS if sentence.whole else _PARTS)
    ]


def _split(span: Span, budget: _Budget, parts: Sequence[Parts]) -> Iterator[Span]:
    """The span if it fits, else runs of its parts that fit; a part that does not is split finer."""
    if not parts or budget.fits(span):
        yield span
        return
    found = [Span(*part.span()) for part in parts[0].finditer(budget.text, span.start, span.end)]
    first = 0
    while first < len(found):
        if len(found) == 1 or not budget.fits(found[first]):
            yield from _split(found[first], budget, parts[1:])
            first += 1
            continue
        last = _longest(found, first, budget)
        yield Span(found[first].start, found[last - 1].end)
        first = last


def _longest(parts: Sequence[Span], first: int, budget: _Budget) -> int:
    """The largest `last` for which parts `first` to `last` (exclusive) fit; one part does.

    Galloping search: the cost depends on what fits, not on the length of the text.
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
    """Runs of as many pieces as fit, with the requested overlap as far as that fits.

    Sizes of pieces are summed. A text may have more tokens than its pieces together, so each run is
    counted again as a whole, and shortened where it exceeds the limit.
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
            # drop a new piece at the end, but keep at least one of them
            first, last = (first, last - 1) if last > before + 1 else (first + 1, last)
        yield joined(first, last)


def _ids(document_id: str, texts: Sequence[str]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for text in texts:
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        seen[digest] += 1
        suffix = f"-{seen[digest]}" if seen[digest] > 1 else ""
        yield f"{document_id}#{digest}{suffix}"


def token_counter(name: str) -> Count:
    """Counts the tokens of a text without special tokens.

    `name` is a folder with a tokenizer or a hub model. Raises InputError where there is none.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=Path(name).is_dir())
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"chunking.tokenizer: {name!r} cannot be loaded; give a folder with a tokenizer or a "
            f"hub model that can be downloaded or is in the cache ({reason})"
        ) from None
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False))
