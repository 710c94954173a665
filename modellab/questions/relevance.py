"""Relevance in a file of questions, mapped to the chunks and documents of the corpus."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from modellab.core.errors import InputError
from modellab.core.records import Chunk, Question, RelevanceJudgement
from modellab.core.text.words import count_words
from modellab.core.text.words import words as split_words
from modellab.corpus.documents import DocumentRow
from modellab.questions.names import DocumentNames, Known, plain_address
from modellab.tasks.wattbot.task import ref_id_cell

#: a text of fewer words does not identify its document
SPAN = 8
_SHOWN = 60


#: the length of the runs of words that are compared
_RUN = 5
#: a chunk matches a context that shares this part of the runs of the shorter one
_SHARED = 0.5

Run = tuple[str, ...]


@dataclass(frozen=True)
class Texts:
    """The texts of chunks, searchable. A search looks only at chunks with its rarest words, so that
    its cost does not grow with the corpus as long as those words are rare."""

    chunks: Sequence[Chunk]

    def holding(self, context: str) -> list[str]:
        """The chunks that contain a context or are part of it, in the corpus's order.

        If there is none (the context ends in the middle of a word, or comes from other chunks),
        those that share half the runs of words of the shorter text.
        """
        wanted = plain_text(context)
        if not wanted.strip():
            return []
        words = wanted.split()
        around = [
            row for row in self._rows.get(self._rarest(words), ()) if wanted in self._plain[row]
        ]
        inside = [
            row
            for word in set(words)
            for row in self._rows_by_rarest.get(word, ())
            if self._plain[row] in wanted
        ]
        rows = sorted({*around, *inside}) or self._alike(_runs(wanted))
        return [self.chunks[row].id for row in rows]

    @cached_property
    def _plain(self) -> list[str]:
        return [plain_text(chunk.text) for chunk in self.chunks]

    @cached_property
    def _rows(self) -> dict[str, list[int]]:
        """By word the rows that contain it."""
        found: dict[str, list[int]] = {}
        for row, text in enumerate(self._plain):
            for word in set(text.split()):
                found.setdefault(word, []).append(row)
        return found

    @cached_property
    def _rows_by_rarest(self) -> dict[str, list[int]]:
        """By word the rows of which it is the rarest."""
        found: dict[str, list[int]] = {}
        for row, text in enumerate(self._plain):
            if text.strip():
                found.setdefault(self._rarest(text.split()), []).append(row)
        return found

    def _rarest(self, of: Sequence[str]) -> str:
        return min(of, key=lambda word: (len(self._rows.get(word, ())), word))

    def _alike(self, wanted: frozenset[Run]) -> list[int]:
        rarest = {self._rarest(run) for run in wanted}
        found = []
        for row in sorted({row for word in rarest for row in self._rows.get(word, ())}):
            runs = _runs(self._plain[row])
            shared = len(wanted & runs)
            if shared and shared >= _SHARED * min(len(wanted), len(runs)):
                found.append(row)
        return found


def plain_text(text: str) -> str:
    """Words with a space on each side, so that a part of a text is made of whole words."""
    return f" {' '.join(split_words(text))} "


def _runs(plain: str) -> frozenset[Run]:
    """All runs of words of a text."""
    found = plain.split()
    return frozenset(tuple(found[start : start + _RUN]) for start in range(len(found) - _RUN + 1))


@dataclass(frozen=True)
class Corpus:
    """The chunks of a corpus, with its table of documents, searched by id, URL and text."""

    chunks: Sequence[Chunk]
    rows: Sequence[DocumentRow] = ()

    @cached_property
    def names(self) -> DocumentNames:
        return DocumentNames(self.chunks, self.rows)

    @cached_property
    def texts(self) -> Texts:
        return Texts(self.chunks)

    @cached_property
    def document_of(self) -> dict[str, str]:
        return {chunk.id: chunk.document_id for chunk in self.chunks}

    def chunk(self, name: str) -> str | None:
        """The chunk of an id, also of a document under another name or dropped as a duplicate."""
        if name in self.document_of:
            return name
        if self.names.twin(name) in self.document_of:
            return self.names.twin(name)
        document, sign, digest = name.rpartition("#")
        known = self.names.find(document).sure if sign else ()
        named = (f"{one}#{digest}" for one in known)
        return next((one for one in named if one in self.document_of), None)

    def named(self, name: str) -> Known:
        """The documents that a name means.

        A chunk of a duplicate whose twin is chunked differently means all of the twin.
        """
        known = self.names.find(name)
        document = name.rpartition("#")[0]
        return self.names.find(document) if document in self.names.dropped else known


@dataclass(frozen=True)
class AmbiguousText:
    """A text in several documents, and whether it counts in all of them."""

    text: str
    chunks: int
    documents: int
    judged: bool


@dataclass(frozen=True)
class ResolvedQuestion:
    """A question with its references and relevant chunks, and problems to report.

    `unknown` are the names, URLs and texts that the corpus does not have; `ambiguous` gives, by
    name, the ids of all documents of that name; `ambiguous_texts` may be from several documents.
    """

    question: Question
    unknown: tuple[str, ...] = ()
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ambiguous_texts: tuple[AmbiguousText, ...] = ()


def resolve_relevance(question: Question, corpus: Corpus) -> ResolvedQuestion:
    """The question with its references and relevant chunks in the corpus.

    An id is a chunk's or a document's, or another name of a document (see `Names`). A document with
    reference texts counts with the chunks that contain them; without texts it is relevant as a
    whole, and none of its chunks is judged. A text in several documents counts in those that the
    question names; if it names none, in all of them, unless the text is short: then it judges
    nothing.

    Raises InputError for the id of a chunk that the corpus does not have (made for other documents
    or another chunking), and for a judgement of a document that it does not have.
    """
    relevance = replace(question.relevance, ids=tuple(_each(question.relevance.ids, corpus)))
    question = replace(question, relevance=relevance)
    judged = {name: corpus.chunk(name) for name in relevance.ids}
    known = {
        name: corpus.named(name)
        for name in (*question.references, *relevance.ids)
        if judged.get(name) is None
    }
    _refuse_unknown_chunks(question, corpus, known)
    urls = {
        url: tuple(corpus.names.addresses.get(plain_address(url), ())) for url in relevance.urls
    }
    # an unknown reference stays: no retriever can find it
    referred = _sure(question.references, known, keep=True)
    chunks = [name for name in judged.values() if name is not None]
    documents = [*referred, *_sure(relevance.ids, known), *chain.from_iterable(urls.values())]
    named = {*documents, *(corpus.document_of[name] for name in chunks)}
    by_context, unsure = _by_context(relevance.contexts, named, corpus)
    chunks += chain.from_iterable(by_context.values())
    documents += (corpus.document_of[name] for name in chunks)
    grades = grades_of(relevance.judgements, corpus)
    # neither can it find a relevant document whose text could not be read
    documents += (name for name in grades if corpus.names.left_out(name) and grades[name] > 0)
    aliases = {
        name: one.ids[0] for name, one in known.items() if len(one.sure) == 1 and one.ids[0] != name
    }
    found = replace(
        question,
        reference=_reference(question, referred),
        references=tuple(dict.fromkeys(documents)),
        relevant_chunks=tuple(dict.fromkeys(chunks)),
        aliases=aliases,
        grades=grades,
    )
    return ResolvedQuestion(
        found,
        tuple(_unknown(question, known, urls, by_context, bool(chunks))),
        {name: one.ids for name, one in known.items() if one.ambiguous},
        unsure,
    )


def _each(names: Sequence[str], corpus: Corpus) -> Iterator[str]:
    """The names, and those of several documents that are written as one: `a.pdf; b.pdf`."""

    def is_known(name: str) -> bool:
        return corpus.chunk(name) is not None or bool(corpus.named(name).ids)

    for name in names:
        parts = [part.strip() for part in re.split(r"[;,|\n]", name)]
        yield from parts if not is_known(name) and all(map(is_known, parts)) else [name]


def _sure(names: Sequence[str], known: Mapping[str, Known], keep: bool = False) -> list[str]:
    """The documents that names mean; with `keep`, an unknown name itself."""
    other = {name: (name,) if keep else () for name in names}
    found = (known[name].sure or other[name] if name in known else () for name in names)
    return list(chain.from_iterable(found))


def _reference(question: Question, referred: Sequence[str]) -> Mapping[str, str]:
    """The reference with the corpus's ids, which models see, instead of the names in the file."""
    if "ref_id" not in question.reference or list(question.references) == list(referred):
        return question.reference
    return {**question.reference, "ref_id": ref_id_cell(list(dict.fromkeys(referred)))}


def _refuse_unknown_chunks(question: Question, corpus: Corpus, known: Mapping[str, Known]) -> None:
    for name in question.relevance.ids:
        if "#" not in name or name not in known or known[name].ids:
            continue
        document = name.rsplit("#", 1)[0]
        ids = [chunk.id for chunk in corpus.chunks if chunk.document_id == document]
        those = f"chunks of {document!r}: {', '.join(ids)}" if ids else f"no document {document!r}"
        raise InputError(
            f"{question.source}: the corpus has no chunk {name!r} ({those[:300]}); "
            "name chunks as in chunks.jsonl, or documents"
        )


def grades_of(judgements: Sequence[RelevanceJudgement], corpus: Corpus) -> dict[str, int]:
    """Grades by id of documents and chunks; a document has the grade of its best chunk."""
    grades: dict[str, int] = {}
    for judgement in judgements:
        name, chunk = judgement.name, corpus.chunk(judgement.name)
        found = corpus.named(name).sure
        if chunk is not None:
            found = (chunk, corpus.document_of[chunk])
        elif not found and corpus.names.left_out(name) is not None:
            found = (name,)
        elif not found and judgement.grade > 0:
            nearest = corpus.names.nearest(name)
            raise InputError(
                f"{judgement.source}: the corpus has no document {name!r}"
                + (f" (nearest: {nearest!r})" if nearest else "")
                + "; judgements must be of the documents of this corpus"
            )
        for one in found:
            grades[one] = max(judgement.grade, grades.get(one, judgement.grade))
    return grades


def _by_context(
    contexts: Sequence[str], named: Collection[str], corpus: Corpus
) -> tuple[dict[str, list[str]], tuple[AmbiguousText, ...]]:
    """By text the chunks that count for it, and the texts of unknown origin.

    A text that is part of another text of the question is from the same place.
    """
    held = {context: corpus.texts.holding(context) for context in contexts}
    # duplicates count once
    from_one = {
        context
        for context, chunks in held.items()
        if len({corpus.names.twin(corpus.document_of[name]) for name in chunks}) == 1
    }
    known = set(named)
    for context in from_one:
        known.update(corpus.document_of[name] for name in held[context])
    found: dict[str, list[str]] = {}
    unsure = []
    for context, chunks in held.items():
        wanted = plain_text(context)
        fuller = next((one for one in from_one if wanted in plain_text(one) != wanted), None)
        inside = [name for name in chunks if corpus.document_of[name] in known]
        if fuller is not None:
            found[context] = held[fuller]
        elif context in from_one or not chunks:
            found[context] = chunks
        elif inside:
            found[context] = inside
        else:
            judged = count_words(context) >= SPAN
            found |= {context: chunks} if judged else {}
            documents = {corpus.document_of[name] for name in chunks}
            unsure.append(AmbiguousText(context[:_SHOWN], len(chunks), len(documents), judged))
    return found, tuple(unsure)


def _unknown(
    question: Question,
    known: Mapping[str, Known],
    urls: Mapping[str, Collection[str]],
    by_context: Mapping[str, Sequence[str]],
    found: bool,
) -> Iterator[str]:
    """What the corpus does not have; ids of another corpus are ignored if texts were found."""
    for name in (*question.references, *(() if found else question.relevance.ids)):
        if name in known and not known[name].ids:
            yield f"document {name!r}"
    for url, documents in urls.items():
        if not found and not documents:
            yield f"address {url!r}"
    for context, chunks in by_context.items():
        if not chunks:
            yield f"text {context[:_SHOWN]!r}"
