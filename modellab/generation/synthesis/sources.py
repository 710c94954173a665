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

    A larger `count` only adds chunks. A kind that takes two chunks has the chunk drawn and the
    most similar one of another document; where no other shares a word, it has one chunk only.
    """
    fit = [chunk for chunk in chunks if length_in_words(chunk.text) >= min_words]
    rows = list(range(len(fit)))
    random.Random(seed).shuffle(rows)  # noqa: S311 (a draw, no secret)
    drawn = rows[:count]
    needs_two = any(kind.several_chunks for kind in kinds)
    second = _second_chunks(fit, drawn) if needs_two else {}
    found = [
        Source(kind, (fit[row], *(second.get(row, ()) if kind.several_chunks else ())))
        for row in drawn
        for kind in kinds
    ]
    return _each_once(found)


def _each_once(sources: Sequence[Source]) -> list[Source]:
    """Two chunks that are nearest to each other make one pair."""
    by_chunks = {(s.kind, frozenset(c.id for c in s.chunks)): s for s in reversed(sources)}
    kept = {source.id for source in by_chunks.values()}
    return [source for source in sources if source.id in kept]


def _second_chunks(chunks: Sequence[Chunk], rows: Sequence[int]) -> dict[int, tuple[Chunk]]:
    """By row: the chunk of another document with the most similar words (TF-IDF, cosine)."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    if not any(terms(chunk.text) for chunk in chunks):
        return {}
    weights = TfidfVectorizer(analyzer=terms).fit_transform([chunk.text for chunk in chunks])
    found = {}
    for row in rows:
        near = (weights @ weights[row].T).toarray().ravel()
        others = [
            other
            for other, chunk in enumerate(chunks)
            if chunk.document_id != chunks[row].document_id and near[other] > 0
        ]
        if others:
            found[row] = (chunks[max(others, key=lambda other: (near[other], -other))],)
    return found
