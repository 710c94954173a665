"""Somebody's ranking: a run of TREC, BEIR or MS MARCO that another program made."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt

from modellab.core.errors import InputError
from modellab.core.io.trec import Found, read_run
from modellab.core.records import Chunk, Context, Question
from modellab.questions.names import Names
from modellab.retrieval.protocol import Hit, Members, RetrieverOptions, passages

logger = logging.getLogger(__name__)


class RunOptions(RetrieverOptions):
    """Gives what a file ranks: chunks, or documents with all of their chunks."""

    kind: Literal["run"] = Field(description="A ranking that was made elsewhere.")
    path: Path = Field(description="the file of the ranking: TREC's six columns, a table or JSON")
    top_k: PositiveInt = Field(5, description="how many ranked items a model is shown")
    extra_k: NonNegativeInt = Field(
        0, description="how many more are kept for models with `retry_on_abstain`"
    )

    def files(self) -> Mapping[str, Path]:
        return {"path": self.path}

    def at_depth(self, depth: int) -> Self:
        return self.model_copy(update={"top_k": depth, "extra_k": 0})

    def retrieve(
        self,
        slug: str,
        questions: Sequence[Question],
        chunks: Sequence[Chunk],
        members: Members,
        seed: int,
    ) -> list[Context]:
        """A question that the file does not rank has no passages.

        Raises InputError (file, row) for a document or chunk that the corpus does not have.
        """
        rankings, doubt = read_run(self.path)
        if doubt:
            logger.warning(doubt)
        missing = [question.id for question in questions if question.id not in rankings]
        if len(missing) == len(questions):
            ids = f"{next(iter(rankings), 'none')!r}, and of questions as {questions[0].id!r}"
            raise InputError(f"{self.path}: ranks none of the questions (ids as {ids})")
        if missing:
            logger.warning(
                "%s: %d of %d questions have no ranking, and so no passages (first: %s)",
                *(self.path, len(missing), len(questions), missing[0]),
            )
        rows = _Rows(chunks)
        return [self._context(slug, one, rankings.get(one.id, ()), rows) for one in questions]

    def _context(
        self, slug: str, question: Question, ranking: Sequence[Found], rows: _Rows
    ) -> Context:
        found = [rows.of(one) for one in ranking[: self.top_k + self.extra_k]]
        hits: dict[int, Hit] = {}
        for one, own in zip(ranking, found, strict=False):
            score = one.score if one.score is not None else 0.0
            for row in own:
                hits.setdefault(row, Hit(row, score))
        shown = len({row for own in found[: self.top_k] for row in own})
        return Context(question.id, slug, passages(rows.chunks, list(hits.values())), shown=shown)


class _Rows:
    """The rows of chunks by their ids, and by the names of their documents."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self.chunks = chunks
        self._names = Names(chunks)
        self._by_chunk = {chunk.id: row for row, chunk in enumerate(chunks)}
        self._by_document: dict[str, list[int]] = {}
        for row, chunk in enumerate(chunks):
            self._by_document.setdefault(chunk.document_id, []).append(row)

    def of(self, found: Found) -> list[int]:
        """The rows of a chunk or document. Raises InputError where there is none."""
        if found.document in self._by_chunk:
            return [self._by_chunk[found.document]]
        known = self._names.find(found.document).sure
        if not known:
            nearest = self._names.nearest(found.document)
            raise InputError(
                f"{found.source}: the corpus has no document or chunk {found.document!r}"
                + (f" (nearest: {nearest!r})" if nearest else "")
                + "; rank what is in this corpus"
            )
        return [row for name in known for row in self._by_document[name]]
