"""What a retriever ranks beyond the few chunks that a model is shown: to judge the retriever."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from modellab.core.io.jsonl import write_rows
from modellab.core.records import Context
from modellab.retrieval.contexts import Search, retrieve

logger = logging.getLogger(__name__)

#: so many chunks are asked for: among them there are ten documents, as good as always
RANKING_DEPTH = 100


@dataclass(frozen=True)
class Ranking:
    """The chunks that a retriever finds for a question, best first, and the document of each.

    `complete` says that there is no more to be found: the list was not cut off. What stands at
    deeper ranks is then known too, namely nothing.
    """

    question_id: str
    retriever: str
    chunks: tuple[str, ...]
    documents: tuple[str, ...]
    complete: bool


def find_rankings(search: Search, out: Path) -> None:
    """Write one ranking per question to `out`, in the order of the questions.

    The same search as for the contexts, done again and deeper.
    """
    deeper = search.options.at_depth(RANKING_DEPTH)
    contexts = retrieve(replace(search, options=deeper))
    rankings = rankings_of(contexts, getattr(deeper, "top_k", None))
    write_rows(out, rankings)
    cut = sum(not ranking.complete for ranking in rankings)
    logger.info("%s: %d rankings, %d of them cut off", search.retriever, len(rankings), cut)


def rankings_of(contexts: Sequence[Context], asked: int | None) -> list[Ranking]:
    """The contexts without their texts; `asked` is how many passages there could be (None: all)."""
    return [
        Ranking(
            question_id=context.question_id,
            retriever=context.retriever,
            chunks=tuple(passage.chunk_id for passage in context.passages),
            documents=tuple(passage.document_id for passage in context.passages),
            complete=asked is None or len(context.passages) < asked,
        )
        for context in contexts
    ]
