"""Drafts: the chunks that questions are made from, and the questions read from a model's reply."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modellab.core.records import Chunk, Passage, Question, Status
from modellab.core.text.json_reading import SeveralObjectsError, field_text, the_record
from modellab.core.text.words import length_in_words, terms
from modellab.generation.synthesis.options import QuestionKind
from modellab.tasks.protocol import Parsed

_KEYS = ("questions", "question")
_TEXT = {"type": "string"}
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "questions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "question": _TEXT,
                    "answer": _TEXT,
                    "evidence": {"type": "array", "items": _TEXT},
                },
                "required": ["question", "answer", "evidence"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["questions"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class DraftSource:
    """One or two chunks that questions of a kind are made from."""

    kind: QuestionKind
    chunks: tuple[Chunk, ...]

    @property
    def id(self) -> str:
        return f"{self.kind.value}:{'+'.join(chunk.id for chunk in self.chunks)}"

    def passages(self) -> tuple[Passage, ...]:
        return tuple(
            Passage(c.id, c.document_id, rank, 1.0, c.text, c.title, c.year, c.place)
            for rank, c in enumerate(self.chunks, start=1)
        )


@dataclass(frozen=True)
class Draft:
    """A question as a model wrote it. `key` is that of the request in the journal."""

    source: DraftSource
    attempt: int
    key: str
    question: str
    answer: str
    evidence: tuple[str, ...]


def choose_sources(
    chunks: Sequence[Chunk],
    kinds: Sequence[QuestionKind],
    count: int | None,
    min_words: int,
    seed: int,
) -> list[DraftSource]:
    """The sources of each kind, from up to `count` random chunks.

    A larger `count` only adds chunks. Kinds with two chunks add one of another document: for
    `multi_hop_specific` the one that shares the most distinctive word, for the others the most
    similar one. If no other shares a word, there is only one chunk.
    """
    fit = [chunk for chunk in chunks if length_in_words(chunk.text) >= min_words]
    rows = list(range(len(fit)))
    random.Random(seed).shuffle(rows)  # noqa: S311 (a draw, no secret)
    second = SecondChunks(fit, any(kind.several_chunks for kind in kinds))
    sources = [
        DraftSource(kind, (fit[row], *(second.of(row, kind) if kind.several_chunks else ())))
        for row in rows[:count]
        for kind in kinds
    ]
    # two chunks that are nearest to each other are one pair
    pairs = {(s.kind, frozenset(c.id for c in s.chunks)): s for s in reversed(sources)}
    kept = {source.id for source in pairs.values()}
    return [source for source in sources if source.id in kept]


class SecondChunks:
    """Finds the second chunk of a pair by shared words (TF-IDF)."""

    def __init__(self, chunks: Sequence[Chunk], needed: bool) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._chunks, self._weights = chunks, None
        if needed and any(terms(chunk.text) for chunk in chunks):
            texts = [chunk.text for chunk in chunks]
            self._weights = TfidfVectorizer(analyzer=terms).fit_transform(texts)

    def of(self, row: int, kind: QuestionKind) -> tuple[Chunk, ...]:
        """The second chunk, or nothing where no other document shares a word."""
        if self._weights is None:
            return ()
        shared = self._weights.multiply(self._weights[row]).tocsr()
        # the cosine is the sum over all words
        near = shared.max(axis=1) if kind is QuestionKind.MULTI_HOP_SPECIFIC else shared.sum(axis=1)
        scores = near.toarray().ravel() if hasattr(near, "toarray") else near.A1
        own = self._chunks[row].document_id
        others = [
            other
            for other, chunk in enumerate(self._chunks)
            if chunk.document_id != own and scores[other] > 0
        ]
        best = sorted(others, key=lambda other: (-scores[other], other))[:1]
        return tuple(self._chunks[other] for other in best)


class Drafting:
    """The task of making questions. A prompt may use `passages`, `number`, `language`, `refused`.

    `language` is a code such as `en`, empty for that of the passages; `refused` are the questions
    of earlier attempts, each with the reason.
    """

    answer_schema: Mapping[str, Any] = SCHEMA

    def variables(self, question: Question, passages: Sequence[Passage]) -> dict[str, Any]:
        given = question.inputs
        return {
            "passages": passages,
            "number": int(given["number"]),
            "language": given["language"],
            "refused": json.loads(given["refused"]),
        }

    def parse(self, text: str) -> Parsed:
        rows = question_rows(text)
        if rows is None:
            return Parsed(Status.UNPARSED)
        return Parsed(Status.ANSWERED, {"questions": json.dumps(rows, ensure_ascii=False)})


def question_rows(text: str) -> list[Any] | None:
    """The questions of a reply (`{"questions": [...]}`, a list, or one question), if any."""
    try:
        data = the_record(text, _KEYS)
    except SeveralObjectsError:
        return None
    if isinstance(data, dict):
        data = data.get("questions", [data] if "question" in data else None)
    return data if isinstance(data, list) else None


def read_draft(source: DraftSource, attempt: int, key: str, row: Any) -> Draft | None:
    """A row as a draft; None if it lacks the question, or the answer to an answerable one."""
    if not isinstance(row, dict) or not isinstance(row.get("question"), str):
        return None
    evidence = row.get("evidence") or []
    quotes = [evidence] if isinstance(evidence, str) else evidence
    if not isinstance(quotes, list) or not all(isinstance(quote, str) for quote in quotes):
        return None
    raw = row.get("answer")
    answer = "" if raw is None or isinstance(raw, list | dict) else field_text(raw).strip()
    if not answer and source.kind != QuestionKind.UNANSWERABLE:
        return None
    question = " ".join(field_text(row["question"]).split())
    return Draft(source, attempt, key, question, answer, tuple(map(field_text, quotes)))
