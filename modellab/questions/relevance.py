"""From what a file says of relevant texts to the chunks and documents of the corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from modellab.errors import InputError
from modellab.records import Chunk, Question
from modellab.text.words import words

#: so many words in a row are compared
_RUN = 5
#: a chunk belongs to a context when this share of the runs of the shorter one is in both
_SHARED = 0.5
_SHOWN = 60

Run = tuple[str, ...]


@dataclass(frozen=True)
class Corpus:
    """The chunks of a corpus, to be asked by id, address and text."""

    chunks: Sequence[Chunk]

    @cached_property
    def by_document(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for chunk in self.chunks:
            found.setdefault(chunk.document_id, []).append(chunk.id)
        return found

    @cached_property
    def documents_by_url(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for chunk in self.chunks:
            if chunk.url and chunk.document_id not in found.setdefault(_plain(chunk.url), []):
                found[_plain(chunk.url)].append(chunk.document_id)
        return found

    @cached_property
    def document_of(self) -> dict[str, str]:
        return {chunk.id: chunk.document_id for chunk in self.chunks}

    @cached_property
    def plain_texts(self) -> list[str]:
        return [_plain_text(chunk.text) for chunk in self.chunks]

    @cached_property
    def runs(self) -> list[frozenset[Run]]:
        return [_runs(chunk.text) for chunk in self.chunks]

    @cached_property
    def rows_by_run(self) -> dict[Run, list[int]]:
        found: dict[Run, list[int]] = {}
        for row, runs in enumerate(self.runs):
            for run in runs:
                found.setdefault(run, []).append(row)
        return found

    def holding(self, context: str) -> list[str]:
        """The chunks that a context is part of, or that are part of it, in the corpus's order.

        Where there is none (a context that is cut in the middle of a word, or made of other
        chunks), those that share half the runs of words of the shorter text.
        """
        wanted = _plain_text(context)
        if not wanted.strip():
            return []
        texts = enumerate(self.plain_texts)
        rows = [row for row, text in texts if text.strip() and (wanted in text or text in wanted)]
        return [self.chunks[row].id for row in rows or self._alike(_runs(context))]

    def _alike(self, wanted: frozenset[Run]) -> list[int]:
        shared = Counter(row for run in wanted for row in self.rows_by_run.get(run, ()))
        return sorted(
            row
            for row, count in shared.items()
            if count >= _SHARED * min(len(wanted), len(self.runs[row]))
        )


def placed(question: Question, corpus: Corpus) -> tuple[Question, tuple[str, ...]]:
    """The question with its references and relevant chunks, and what of them is not there.

    An id is a chunk's or a document's. A document that is named where chunks are judged (by an
    id with texts, for example) counts with the chunks that hold the texts; without texts the
    document is relevant as a whole, and no chunk of it is judged.

    Raises InputError for the id of a chunk that the corpus does not have: it was made for other
    documents or another chunking.
    """
    said = question.relevance
    _refuse_unknown_chunks(question, corpus)
    by_context = {context: corpus.holding(context) for context in said.contexts}
    judged = [name for name in said.ids if name in corpus.document_of]
    chunks = list(dict.fromkeys([*judged, *chain.from_iterable(by_context.values())]))
    documents = [
        *question.references,
        *(name for name in said.ids if name in corpus.by_document),
        *(name for url in said.urls for name in corpus.documents_by_url.get(_plain(url), [])),
        *(corpus.document_of[name] for name in chunks),
    ]
    found = replace(
        question,
        references=tuple(dict.fromkeys(documents)),
        relevant_chunks=tuple(chunks),
    )
    return found, tuple(_unknown(question, corpus, by_context, bool(chunks)))


def _refuse_unknown_chunks(question: Question, corpus: Corpus) -> None:
    for name in question.relevance.ids:
        document = name.rsplit("#", 1)[0]
        if "#" in name and name not in corpus.document_of and name not in corpus.by_document:
            told = f"chunks of {document!r}: {', '.join(corpus.by_document.get(document, []))}"
            known = told if document in corpus.by_document else f"no document {document!r}"
            raise InputError(
                f"{question.source}: the corpus has no chunk {name!r} ({known[:300]}); "
                "name chunks as in chunks.jsonl, or documents"
            )


def _unknown(
    question: Question, corpus: Corpus, by_context: Mapping[str, Sequence[str]], found: bool
) -> Iterator[str]:
    """What the corpus does not have; another corpus's ids do not matter where texts were found."""
    said = question.relevance
    for name in (*question.references, *(() if found else said.ids)):
        if name not in corpus.by_document and name not in corpus.document_of:
            yield f"document {name!r}"
    for url in said.urls:
        if not found and _plain(url) not in corpus.documents_by_url:
            yield f"address {url!r}"
    for context, chunks in by_context.items():
        if not chunks:
            yield f"text {context[:_SHOWN]!r}"


def _plain(url: str) -> str:
    return url.strip().rstrip("/").casefold()


def _plain_text(text: str) -> str:
    """Words with a space on each side, so that a part of a text is made of whole words."""
    return f" {' '.join(words(text))} "


def _runs(text: str) -> frozenset[Run]:
    """All runs of words of a text; none of a text of fewer words."""
    found = words(text)
    return frozenset(tuple(found[start : start + _RUN]) for start in range(len(found) - _RUN + 1))
