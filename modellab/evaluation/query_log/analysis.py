"""The whole look at what users ask: read, find, group, count, write."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

from modellab.core.io.atomic import atomic_folder
from modellab.core.io.frames import frame_of, write_frame
from modellab.core.io.jsonl import read_rows, write_json
from modellab.core.records import Chunk
from modellab.evaluation.query_log.domain import domain
from modellab.evaluation.query_log.options import QueryLogOptions
from modellab.evaluation.query_log.table import read_asked
from modellab.evaluation.query_log.topics import Topic, find_topics
from modellab.evaluation.query_log.utilisation import ChunkUse, utilisation
from modellab.retrieval.protocol import IndexedOptions

if TYPE_CHECKING:
    from modellab.models.embedders.protocol import EmbedderOptions, Vectors

log = logging.getLogger(__name__)

#: the files of an analysis
UTILISATION, CHUNK_USES = "utilisation.json", "chunk_uses.csv"
TOPICS, TOPIC_TABLE = "topics.json", "topics.csv"
DOMAIN = "domain.json"


def analyse_query_log(
    options: QueryLogOptions,
    chunks_path: Path,
    retriever: IndexedOptions,
    index: Path,
    embedder: EmbedderOptions,
    journals: Path,
    seed: int,
    out: Path,
) -> None:
    """Write utilisation, topics and domain of the users' questions into the folder `out`.

    All questions are used; those without a vector are in no topic, and counted.
    """
    table = read_asked(options)
    chunks = read_rows(chunks_path, Chunk)
    texts = [one.text for one in table.asked]
    found = retriever.load(index, journals).search(texts, options.top_k)
    used, uses = utilisation(found, chunks, options.top_k)
    topics = find_topics(
        table.asked,
        _vectors(embedder, texts, journals, seed),
        found,
        chunks,
        options.topics,
        options.terms,
        options.samples,
        seed,
    )
    profile = domain(table.asked, table.empty_rows, options.answer_column is not None)
    with atomic_folder(out) as part:
        write_json(part / UTILISATION, asdict(used))
        columns = [field.name for field in fields(ChunkUse)]
        write_frame(part / CHUNK_USES, frame_of(map(asdict, uses), columns))
        write_json(part / TOPICS, asdict(topics))
        columns = [field.name for field in fields(Topic)]
        write_frame(part / TOPIC_TABLE, frame_of(map(_topic_row, topics.topics), columns))
        write_json(part / DOMAIN, asdict(profile))
    log.info(
        "%d questions: %.0f %% of %d chunks used, %d topics, %d without a vector",
        len(texts),
        100 * used.rate,
        used.total_chunks,
        len(topics.topics),
        topics.without_vector,
    )


def _vectors(embedder: EmbedderOptions, texts: Sequence[str], journals: Path, seed: int) -> Vectors:
    """The questions' vectors; an embedder that is fitted is fitted on them."""
    with tempfile.TemporaryDirectory() as folder:
        # topics are found by the cosine
        embedder.fit(texts, Path(folder), seed)
        loaded = embedder.of_length_one().load(Path(folder), journals)
        # a question that has no stored vector is counted; as a query it would end the run
        known = embedder.knows_any_text()
        return loaded.embed_queries(texts) if known else loaded.embed_passages(texts)


def _topic_row(topic: Topic) -> dict[str, object]:
    return {
        **asdict(topic),
        "terms": "; ".join(topic.terms),
        "samples": " | ".join(topic.samples),
    }
