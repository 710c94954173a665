"""The analysis of a query log: read, search, cluster, count, write."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from modellab.core.io.atomic import atomic_folder
from modellab.core.io.frames import write_frame
from modellab.core.io.jsonl import read_rows, write_json
from modellab.core.records import Chunk
from modellab.evaluation.query_log.options import QueryLogOptions
from modellab.evaluation.query_log.queries import read_queries
from modellab.evaluation.query_log.topics import find_topics
from modellab.evaluation.query_log.usage import chunk_uses, domain, utilisation
from modellab.models.embedders.protocol import EmbedderOptions
from modellab.retrieval.protocol import IndexedOptions

if TYPE_CHECKING:
    from modellab.models.embedders.protocol import Vectors

log = logging.getLogger(__name__)

#: the files of an analysis
UTILISATION, CHUNK_USES = "utilisation.json", "chunk_uses.csv"
TOPICS, TOPIC_TABLE = "topics.json", "topics.csv"
DOMAIN = "domain.json"


def analyse_query_log(
    options: QueryLogOptions,
    chunks: Path,
    retriever: IndexedOptions,
    index: Path,
    embedder: EmbedderOptions,
    journals: Path,
    seed: int,
    folder: Path,
) -> None:
    """Write utilisation, topics and domain of the users' questions into `folder`.

    All questions are used; those without a vector are in no topic, and counted.
    """
    queries, empty_rows = read_queries(options)
    passages = read_rows(chunks, Chunk)
    texts = queries["text"].tolist()
    found = retriever.load(index, journals).search(texts, options.top_k)
    uses = chunk_uses(found, passages)
    used = utilisation(found, uses, options.top_k)
    vectors = _vectors(embedder, texts, journals, seed)
    topics = find_topics(queries, vectors, found, passages, options, seed)
    without_vector = len(texts) - int(topics["questions"].sum())
    with atomic_folder(folder) as part:
        write_json(part / UTILISATION, used)
        write_frame(part / CHUNK_USES, uses)
        record = {
            "topics": topics.to_dict("records"),
            "questions": len(texts) - without_vector,
            "without_vector": without_vector,
            "mean_chunks_per_topic": topics["unique_chunks"].mean() if len(topics) else None,
        }
        write_json(part / TOPICS, record)
        shown = {
            "terms": topics["terms"].map("; ".join),
            "samples": topics["samples"].map(" | ".join),
        }
        write_frame(part / TOPIC_TABLE, topics.assign(**shown))
        write_json(part / DOMAIN, domain(queries, empty_rows, options.answer_column is not None))
    log.info(
        "%d questions: %.0f %% of %d chunks used, %d topics, %d without a vector",
        len(texts),
        100 * used["rate"],
        used["total_chunks"],
        len(topics),
        without_vector,
    )


def _vectors(embedder: EmbedderOptions, texts: Sequence[str], journals: Path, seed: int) -> Vectors:
    """The questions' vectors; an embedder that is fitted is fitted on them."""
    with tempfile.TemporaryDirectory() as folder:
        # topics are found by the cosine
        embedder.fit(texts, Path(folder), seed)
        loaded = embedder.normalised().load(Path(folder), journals)
        # a question that has no stored vector is counted; as a query it would end the run
        known = embedder.knows_any_text()
        return loaded.embed_queries(texts) if known else loaded.embed_passages(texts)
