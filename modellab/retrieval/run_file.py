"""A ranking that another program made: a run of TREC, BEIR or MS MARCO."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from modellab.core.errors import InputError
from modellab.core.io.trec import RankedDocument, read_run
from modellab.core.records import Chunk, Context
from modellab.questions.names import DocumentNames
from modellab.retrieval.protocol import Hit, RankingRetrieverOptions, RetrievalInput, passages

logger = logging.getLogger(__name__)


class RunOptions(RankingRetrieverOptions):
    """Gives what a file ranks: chunks, or documents with all of their chunks."""

    kind: Literal["run"] = Field(description="A ranking that was made elsewhere.")
    path: Path = Field(description="the file of the ranking: TREC's six columns, a table or JSON")

    def files(self) -> Mapping[str, Path]:
        return {"path": self.path}

    def retrieve(self, inputs: RetrievalInput) -> list[Context]:
        """A question that the file does not rank has no passages.

        Raises InputError (file, row) for a document or chunk that the corpus does not have.
        """
        questions = inputs.questions
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
        rows = _Rows(inputs.chunks)
        contexts = []
        for question in questions:
            hits: dict[int, Hit] = {}
            shown = 0
            ranking = rankings.get(question.id, ())
            for rank, item in enumerate(ranking[: self.kept], start=1):
                for row in rows.of(item):
                    hits.setdefault(row, Hit(row, item.score if item.score is not None else 0.0))
                shown = len(hits) if rank <= self.top_k else shown
            found = passages(inputs.chunks, list(hits.values()))
            contexts.append(Context(question.id, inputs.slug, found, shown))
        return contexts


class _Rows:
    """The rows of chunks by their ids, and by the names of their documents."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._names = DocumentNames(chunks)
        self._by_chunk = {chunk.id: row for row, chunk in enumerate(chunks)}
        self._by_document = defaultdict(list)
        for row, chunk in enumerate(chunks):
            self._by_document[chunk.document_id].append(row)

    def of(self, found: RankedDocument) -> list[int]:
        """The rows of a chunk or document. Raises InputError for an unknown one."""
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
