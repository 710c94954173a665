"""What questions are about: groups of near vectors, described by their words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    known = [row for row in range(len(asked)) if vectors[row].any()]
    if not known:
        return Topics((), 0, len(asked), None)
    labels, distances = _clusters(vectors[known], most, seed)
    sizes = Counter(labels)
    weights = _term_weights([terms_in(asked[row].text) for row in known], labels)
    topics = []
    for number, label in enumerate(sorted(sizes, key=lambda name: (-sizes[name], name)), start=1):
        members = [index for index, own in enumerate(labels) if own == label]
        nearest = sorted(members, key=lambda index: (distances[index], index))
        rows = [known[index] for index in members]
        topics.append(
            _topic(
                number,
                rows,
                [asked[known[index]].text for index in nearest],
                weights[label][:terms],
                samples,
                (asked, found, chunks, len(known)),
            )
        )
    chunks_per_topic = [topic.unique_chunks for topic in topics]
    return Topics(
        tuple(topics),
        len(known),
        len(asked) - len(known),
        sum(chunks_per_topic) / len(topics),
    )


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
    told = {}
    for label, count in counts.items():
        weight = {
            term: n / sizes[label] * math.log((1 + len(counts)) / clusters[term])
            for term, n in count.items()
        }
        told[label] = sorted(weight, key=lambda term: (-weight[term], term))
    return told


def _topic(
    number: int,
    rows: Sequence[int],
    nearest: Sequence[str],
    terms: Sequence[str],
    samples: int,
    data: tuple[Sequence[Asked], Sequence[Sequence[Hit]], Sequence[Chunk], int],
) -> Topic:
    asked, found, chunks, total = data
    used = {hit.row for row in rows for hit in found[row]}
    urls = {chunks[row].url for row in used if chunks[row].url}
    scores = [score for row in rows if (score := asked[row].score) is not None]
    return Topic(
        topic=number,
        questions=len(rows),
        share=len(rows) / total,
        unique_chunks=len(used),
        unique_documents=len({chunks[row].document_id for row in used}),
        unique_urls=len(urls),
        nothing_found=sum(not found[row] for row in rows),
        mean_score=sum(scores) / len(scores) if scores else None,
        terms=tuple(terms),
        samples=tuple(dict.fromkeys(nearest))[:samples],
    )
