"""What questions are about: groups of near vectors, described by their words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from modellab.core.records import Chunk
from modellab.evaluation.query_log.domain import terms_in
from modellab.evaluation.query_log.table import Asked
from modellab.retrieval.protocol import Hit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modellab.models.embedders.protocol import Vectors


@dataclass(frozen=True)
class Topic:
    """One group of questions, numbered from 1 by size.

    `terms` say most of it beside the other topics; `samples` are the questions nearest to its
    centre. The counts of chunks, documents and addresses are over what its questions find.
    """

    topic: int
    questions: int
    share: float
    unique_chunks: int
    unique_documents: int
    unique_urls: int
    nothing_found: int
    mean_score: float | None
    terms: tuple[str, ...]
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Topics:
    """`questions` are in topics; `without_vector` are not, for want of a word that is known."""

    topics: tuple[Topic, ...]
    questions: int
    without_vector: int
    mean_chunks_per_topic: float | None


def find_topics(
    asked: Sequence[Asked],
    vectors: Vectors,
    found: Sequence[Sequence[Hit]],
    chunks: Sequence[Chunk],
    most: int,
    terms: int,
    samples: int,
    seed: int,
) -> Topics:
    """KMeans over the vectors (questions, dimensions); `most` topics, or one per distinct vector.

    `found` are the chunks of each question. The same seed gives the same topics.
    """
    import pandas as pd

    known = [row for row in range(len(asked)) if vectors[row].any()]
    if not known:
        return Topics((), 0, len(asked), None)
    labels, distances = _clusters(vectors[known], most, seed)
    weights = _term_weights([terms_in(asked[row].text) for row in known], labels)
    table = pd.DataFrame({"row": known, "label": labels, "distance": distances})
    by_size = sorted(table.groupby("label"), key=lambda group: -len(group[1]))
    topics = []
    for number, (label, members) in enumerate(by_size, start=1):
        nearest = members.sort_values(["distance", "row"])["row"]
        used = {hit.row for row in members["row"] for hit in found[row]}
        scores = [one for row in members["row"] if (one := asked[row].score) is not None]
        topics.append(
            Topic(
                topic=number,
                questions=len(members),
                share=len(members) / len(known),
                unique_chunks=len(used),
                unique_documents=len({chunks[row].document_id for row in used}),
                unique_urls=len({chunks[row].url for row in used} - {""}),
                nothing_found=sum(not found[row] for row in members["row"]),
                mean_score=sum(scores) / len(scores) if scores else None,
                terms=tuple(weights[cast("int", label)][:terms]),
                samples=tuple(dict.fromkeys(asked[row].text for row in nearest))[:samples],
            )
        )
    mean_chunks = sum(topic.unique_chunks for topic in topics) / len(topics)
    return Topics(tuple(topics), len(known), len(asked) - len(known), mean_chunks)


def _clusters(vectors: Vectors, most: int, seed: int) -> tuple[list[int], NDArray[np.float32]]:
    """The cluster of each vector, and how far it is from the cluster's centre."""
    import numpy as np
    from sklearn.cluster import KMeans

    distinct = len(np.unique(vectors, axis=0))
    model = KMeans(n_clusters=min(most, distinct), n_init=10, random_state=seed).fit(vectors)
    labels = [int(label) for label in model.labels_]
    distances = np.linalg.norm(vectors - model.cluster_centers_[labels], axis=1)
    return labels, distances


def _term_weights(texts: Sequence[set[str]], labels: Sequence[int]) -> dict[int, list[str]]:
    """Per cluster its terms, those first that are frequent in it and rare in the others."""
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
