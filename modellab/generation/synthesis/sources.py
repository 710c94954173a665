"""From which chunks questions are made: drawn by a seed, with a second one where it takes two."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from modellab.core.records import Chunk, Passage
from modellab.core.text.words import length_in_words, terms
from modellab.generation.synthesis.options import Kind


@dataclass(frozen=True)
class Source:
    """One or two chunks that questions of a kind are made from."""

    kind: Kind
    chunks: tuple[Chunk, ...]

    @property
    def id(self) -> str:
        return f"{self.kind.value}:{'+'.join(chunk.id for chunk in self.chunks)}"

    def passages(self) -> tuple[Passage, ...]:
        return tuple(
            Passage(c.id, c.document_id, rank, 1.0, c.text, c.title, c.year, c.place)
            for rank, c in enumerate(self.chunks, start=1)
        )


def choose_sources(
    chunks: Sequence[Chunk], kinds: Sequence[Kind], count: int | None, min_words: int, seed: int
) -> list[Source]:
    """The sources of each kind, of up to `count` chunks in the order in which they are drawn.

    A larger `count` only adds chunks. A kind that takes two chunks has the chunk drawn and one of
    another document: for questions on one thing the one that shares the word that tells most, for
    others the most similar one. Where no other shares a word, it has one chunk only.
    """
    fit = [chunk for chunk in chunks if length_in_words(chunk.text) >= min_words]
    rows = list(range(len(fit)))
    random.Random(seed).shuffle(rows)  # noqa: S311 (a draw, no secret)
    drawn = rows[:count]
    second = SecondChunks(fit, any(kind.several_chunks for kind in kinds))
    found = [
        Source(kind, (fit[row], *(second.of(row, kind) if kind.several_chunks else ())))
        for row in drawn
        for kind in kinds
    ]
    return _each_once(found)


def _each_once(sources: Sequence[Source]) -> list[Source]:
    """Two chunks that are nearest to each other make one pair."""
    by_chunks = {(s.kind, frozenset(c.id for c in s.chunks)): s for s in reversed(sources)}
    kept = {source.id for source in by_chunks.values()}
    return [source for source in sources if source.id in kept]


class SecondChunks:
    """Chunks by the words that they share with another (TF-IDF)."""

    def __init__(self, chunks: Sequence[Chunk], needed: bool) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._chunks, self._weights = chunks, None
        if needed and any(terms(chunk.text) for chunk in chunks):
            texts = [chunk.text for chunk in chunks]
            self._weights = TfidfVectorizer(analyzer=terms).fit_transform(texts)

    def of(self, row: int, kind: Kind) -> tuple[Chunk, ...]:
        """The second chunk to one; nothing where no other document shares a word with it."""
        if self._weights is None:
            return ()
        shared = self._weights.multiply(self._weights[row]).tocsr()
        # the cosine is the sum over all words
        near = shared.max(axis=1) if kind is Kind.MULTI_HOP_SPECIFIC else shared.sum(axis=1)
        scores = near.toarray().ravel() if hasattr(near, "toarray") else near.A1
        own = self._chunks[row].document_id
        others = [
            other
            for other, chunk in enumerate(self._chunks)
            if chunk.document_id != own and scores[other] > 0
        ]
        best = sorted(others, key=lambda other: (-scores[other], other))[:1]
        return tuple(self._chunks[other] for other in best)
