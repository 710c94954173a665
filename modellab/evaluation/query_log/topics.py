"""The topics of questions: clusters of vectors, described by their terms."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from modellab.core.records import Chunk
from modellab.evaluation.query_log.options import QueryLogOptions
from modellab.evaluation.query_log.usage import terms_in
from modellab.retrieval.protocol import Hit

if TYPE_CHECKING:
    from modellab.models.embedders.protocol import Vectors

COLUMNS = (
    *("topic", "questions", "share", "unique_chunks", "unique_documents", "unique_urls"),
    *("nothing_found", "mean_score", "terms", "samples"),
)


def find_topics(
    queries: pd.DataFrame,
    vectors: Vectors,
    found: Sequence[Sequence[Hit]],
    chunks: Sequence[Chunk],
    options: QueryLogOptions,
    seed: int,
) -> pd.DataFrame:
    """Cluster the questions that have a vector with KMeans; the same seed gives the same topics.

    Args:
        queries: See `read_queries`.
        vectors: (questions, dimensions); zeros where a question has none.
        found: The hits of each question, as rows of `chunks`.
        chunks: The corpus.
        options: The number of topics (fewer where there are fewer distinct vectors), and of terms
            and sample questions per topic.
        seed: Of the clustering.

    Returns:
        One row per topic, numbered from 1 by size. `terms` are those that set it apart from the
        other topics, `samples` the questions nearest to its centre (both tuples). The counts of
        chunks, documents and addresses are over what its questions find.
    """
    from sklearn.cluster import KMeans

    known = np.flatnonzero(vectors.any(axis=1))
    if not len(known):
        return pd.DataFrame(columns=list(COLUMNS))
    own = vectors[known]
    clusters = min(options.topics, len(np.unique(own, axis=0)))
    model = KMeans(n_clusters=clusters, n_init=10, random_state=seed).fit(own)
    distances = np.linalg.norm(own - model.cluster_centers_[model.labels_], axis=1)
    table = queries.iloc[known].assign(row=known, label=model.labels_, distance=distances)
    terms = _terms([terms_in(text) for text in table["text"]], model.labels_.tolist())
    rows = []
    by_size = sorted(table.groupby("label"), key=lambda group: -len(group[1]))
    for number, (label, members) in enumerate(by_size, start=1):
        nearest = members.sort_values(["distance", "row"])["text"]
        used = [chunks[row] for row in {hit.row for row in members["row"] for hit in found[row]}]
        scores = members["score"].dropna()
        rows.append(
            (
                *(number, len(members), len(members) / len(known), len(used)),
                len({chunk.document_id for chunk in used}),
                len({chunk.url for chunk in used} - {""}),
                sum(not found[row] for row in members["row"]),
                sum(scores) / len(scores) if len(scores) else None,
                tuple(terms[int(str(label))][: options.terms]),
                tuple(nearest.unique()[: options.samples]),
            )
        )
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def _terms(texts: Sequence[set[str]], labels: Sequence[int]) -> dict[int, list[str]]:
    """Per cluster its terms, first those that are frequent in it and rare in the others."""
    counts: dict[int, Counter[str]] = {label: Counter() for label in labels}
    for terms, label in zip(texts, labels, strict=True):
        counts[label].update(terms)
    clusters = Counter(term for count in counts.values() for term in count)
    sizes = Counter(labels)
    ordered = {}
    for label, count in counts.items():
        weight = {
            term: n / sizes[label] * math.log((1 + len(counts)) / clusters[term])
            for term, n in count.items()
        }
        ordered[label] = sorted(weight, key=lambda term: (-weight[term], term))
    return ordered
