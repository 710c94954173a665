import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from retrieval_samples import bytes_in, chunks_of

from modellab.models.embedders.tfidf_svd import TfidfSvdOptions
from modellab.retrieval.dense import DenseOptions, DenseSearcher

TFIDF = TfidfSvdOptions(kind="tfidf-svd", dimensions=4)
ANIMALS = chunks_of(
    "cats drink milk", "dogs chase cats", "birds sing songs", "fish swim", "cats drink milk"
)


class Given:
    """An embedder that looks its vectors up."""

    def __init__(self, vectors):
        self.vectors = vectors

    def embed_queries(self, texts):
        return np.array([self.vectors[text] for text in texts], dtype=np.float32)


def flat(vectors):
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index


def unit(rows):
    array = np.array(rows, dtype=np.float32)
    return array / np.linalg.norm(array, axis=1, keepdims=True)


def options(embedder=TFIDF):
    return DenseOptions(kind="dense", embedder="lsa").with_embedder(embedder)


def test_the_embedder_is_a_name_or_an_entry():
    named = DenseOptions(kind="dense", embedder="lsa")
    assert named.embedder == "lsa"
    assert named.with_embedder(TFIDF).embedder is TFIDF
    assert DenseOptions(kind="dense", embedder={"kind": "tfidf-svd"}).embedder == TfidfSvdOptions(
        kind="tfidf-svd"
    )


def test_a_name_cannot_be_built(tmp_path):
    with pytest.raises(TypeError, match="embedder 'lsa' is only a name: call with_embedder first"):
        DenseOptions(kind="dense", embedder="lsa").build(ANIMALS, tmp_path, seed=0)


def test_hits_are_those_of_brute_force(tmp_path):
    options().build(ANIMALS, tmp_path, seed=1)
    queries = ["cats and milk", "who sings songs", "dogs"]
    embedder = TFIDF.load(tmp_path / "embedder")
    texts = [chunk.text for chunk in ANIMALS]
    cosines = embedder.embed_queries(queries) @ embedder.embed_passages(texts).T
    for hits, scores in zip(options().load(tmp_path).search(queries, 5), cosines, strict=True):
        assert [hit.score for hit in hits] == pytest.approx(sorted(scores, reverse=True), abs=1e-6)
        assert [hit.score for hit in hits] == pytest.approx([scores[h.row] for h in hits], abs=1e-6)
        assert {type(hit.row) for hit in hits} == {int}
        assert {type(hit.score) for hit in hits} == {float}
    assert [hit.row for hit in options().load(tmp_path).search(["milk"], 2)[0]] == [0, 4]


def test_a_query_of_unknown_words_has_no_hits(tmp_path):
    options().build(ANIMALS, tmp_path, seed=1)
    found = options().load(tmp_path)
    assert found.search(["zebra", ""], 3) == [[], []]
    assert found.search([], 3) == []


def test_same_seed_same_bytes(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        options().build(ANIMALS, tmp_path / name, seed=7)
    assert bytes_in(tmp_path / "a") == bytes_in(tmp_path / "b")
    assert set(bytes_in(tmp_path / "a")) >= {"vectors.faiss", "embedder/components.npy"}


@given(st.lists(st.integers(1, 3), min_size=1, max_size=40), st.integers(1, 45))
def test_ties_go_by_the_order_of_chunks(angles, k):
    vectors = unit([[1, angle] for angle in angles])
    hits = DenseSearcher(flat(vectors), Given({"q": [1.0, 0.0]})).search(["q"], k)[0]
    assert [hit.row for hit in hits] == sorted(range(len(angles)), key=lambda row: angles[row])[:k]


def test_a_query_scores_the_same_alone_and_in_a_batch():
    random = np.random.default_rng(0)
    vectors = unit(random.normal(size=(300, 16)))
    queries = {str(row): vector for row, vector in enumerate(unit(random.normal(size=(40, 16))))}
    found = DenseSearcher(flat(vectors), Given(queries))
    alone = [found.search([query], 10)[0] for query in queries]
    assert found.search(list(queries), 10) == alone
