import numpy as np
import pytest
from cases import each
from retrieval_samples import bytes_in, chunks_of

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json
from modellab.retrieval.dense import (
    CHUNKS,
    REPORT,
    DenseOptions,
    DenseSearcher,
    FlatOptions,
    HnswOptions,
    IvfOptions,
    checksums,
    indexed_checksums,
    recall,
)

KINDS = [
    FlatOptions(kind="flat"),
    IvfOptions(kind="ivf", lists=8, probes=3),
    HnswOptions(kind="hnsw", links=8),
]


def vectors(count=400, width=16):
    made = np.random.default_rng(3).normal(size=(count, width)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


class Given:
    def __init__(self, rows):
        self.rows = rows

    def embed_queries(self, texts):
        return self.rows[: len(texts)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_a_vector_finds_itself_first(kind):
    made = vectors()
    hits = DenseSearcher(kind.build(made, seed=0), Given(made)).search(["x"] * 50, 3)
    assert [found[0].row for found in hits] == list(range(50))
    assert all(len(found) == 3 for found in hits)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_recall_is_that_of_brute_force(kind):
    made = vectors()
    index = kind.build(made, seed=0)
    share = recall(index, made, seed=0)
    if kind.kind == "flat":
        assert share == 1.0
    else:
        # by hand: of each vector's 10 nearest, how many the index names
        rows = np.random.default_rng(0).choice(len(made), size=200, replace=False)
        nearest = np.argsort(-(made[rows] @ made.T), axis=1)[:, :10]
        _, found = index.search(made[rows], 10)
        by_hand = np.mean([len({*a} & {*b}) / 10 for a, b in zip(nearest, found, strict=True)])
        assert share == pytest.approx(by_hand)
        assert 0.3 < share <= 1.0


@each("kind", KINDS)
@each("count", [1, 2, 5])
def test_few_vectors(kind, count):
    made = vectors(count)
    index = kind.build(made, seed=0)
    assert 0 < recall(index, made, seed=0) <= 1
    (found,) = DenseSearcher(index, Given(made)).search(["x"], 9)
    assert 1 <= len(found) <= count


def test_an_index_says_what_it_is_of(tmp_path):
    chunks = chunks_of("cats drink milk", "dogs chase cats", "birds sing", "...")
    options = DenseOptions(
        kind="dense", embedder={"kind": "tfidf-svd"}, index={"kind": "hnsw", "links": 4}
    )
    options.build(chunks, tmp_path, seed=0)
    report = read_json(tmp_path / REPORT)
    assert (report["index"], report["vectors"], report["without_vector"]) == ("hnsw", 4, 1)
    assert 0 <= report["recall"] <= 1
    assert list(read_json(tmp_path / CHUNKS)["ids"]) == [chunk.id for chunk in chunks]
    # the CRC-32 of "..." as gzip gives it
    assert indexed_checksums(tmp_path) == checksums(chunks)
    assert indexed_checksums(tmp_path)[chunks[3].id] == 440645147
    again = tmp_path / "again"
    again.mkdir()
    before = bytes_in(tmp_path)
    options.build(chunks, again, seed=0)
    assert {name: data for name, data in bytes_in(tmp_path).items() if name in before} == before


def test_a_query_of_another_model(tmp_path):
    searcher = DenseSearcher(KINDS[0].build(vectors(width=8), 0), Given(vectors(width=9)))
    with pytest.raises(InputError, match="of 9 dimensions, and the index has 8"):
        searcher.search(["x"], 1)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_vectors_of_any_length_are_searched_by_inner_product(kind):
    made = vectors() * np.linspace(1, 300, 400, dtype=np.float32)[:, None]
    products = made[:20] @ made.T
    hits = DenseSearcher(kind.build(made, seed=0), Given(made)).search(["x"] * 20, 1)
    best = [found[0].row == row.argmax() for found, row in zip(hits, products, strict=True)]
    assert sum(best) >= (20 if kind.kind == "flat" else 12)
    assert recall(kind.build(made, seed=0), made, 0) == 1.0 or kind.kind != "flat"
