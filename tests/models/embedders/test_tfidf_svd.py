import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from retrieval_samples import bytes_in
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from modellab.core.errors import InputError
from modellab.models.embedders.tfidf_svd import TfidfSvdOptions

TEXTS = ["cats drink milk", "dogs chase cats", "birds sing songs", "кошки пьют молоко"]


def fitted(tmp_path, texts=TEXTS, seed=0, **options):
    chosen = TfidfSvdOptions(kind="tfidf-svd", **options)
    chosen.fit(texts, tmp_path, seed)
    return chosen.load(tmp_path)


def test_vectors_are_unit_float32(tmp_path):
    vectors = fitted(tmp_path, dimensions=2).embed_passages(TEXTS)
    assert (vectors.shape, vectors.dtype) == ((4, 2), np.float32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-6)


def test_cosines_are_those_of_scikit_learn(tmp_path):
    ours = fitted(tmp_path, dimensions=3).embed_passages(TEXTS)
    weights = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit_transform(TEXTS)
    theirs = TruncatedSVD(3, random_state=0).fit_transform(weights)
    theirs /= np.linalg.norm(theirs, axis=1, keepdims=True)
    assert ours @ ours.T == pytest.approx(theirs @ theirs.T, abs=1e-5)


def test_queries_and_passages_are_embedded_alike(tmp_path):
    embedder = fitted(tmp_path)
    assert np.array_equal(embedder.embed_queries(TEXTS), embedder.embed_passages(TEXTS))
    assert embedder.embed_queries([]).shape == (0, 4)


def test_unknown_words_are_zeros(tmp_path):
    assert not fitted(tmp_path).embed_queries(["zebra", ""]).any()


@pytest.mark.parametrize(
    ("texts", "dimensions"),
    [(["cat"], 1), (["cat", "cat", "cat"], 1), (["a b", "b a", "c"], 3)],
)
def test_a_small_corpus_has_few_dimensions(tmp_path, texts, dimensions):
    assert fitted(tmp_path, texts).embed_passages(texts).shape == (len(texts), dimensions)


def test_the_most_frequent_terms_are_kept(tmp_path):
    fitted(tmp_path, ["b a", "b c", "b a"], max_terms=2)
    assert (tmp_path / "terms.json").read_text().split() == ["[", '"a",', '"b"', "]"]


def test_nothing_is_pickled(tmp_path):
    fitted(tmp_path)
    assert set(bytes_in(tmp_path)) == {"terms.json", "idf.npy", "components.npy"}
    for name in ("idf.npy", "components.npy"):
        np.load(tmp_path / name, allow_pickle=False)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text("ab c", min_size=1), min_size=1, max_size=6), st.integers(0, 3))
def test_same_seed_same_bytes(tmp_path_factory, texts, seed):
    first, second = (tmp_path_factory.mktemp("fit") for _ in range(2))
    for folder in (first, second):
        fitted(folder, ["a", *texts], seed)
    assert bytes_in(first) == bytes_in(second)


def test_no_words(tmp_path):
    with pytest.raises(InputError, match="tfidf-svd: no chunk holds a word"):
        fitted(tmp_path, ["?", "..."])


def test_vectors_that_are_not_normalised_keep_their_length(tmp_path):
    unit = fitted(tmp_path, dimensions=2)
    raw = TfidfSvdOptions(kind="tfidf-svd", dimensions=2, normalise=False).load(tmp_path)
    lengths = np.linalg.norm(raw.embed_passages(TEXTS), axis=1, keepdims=True)
    assert lengths.min() < 0.95
    assert raw.embed_passages(TEXTS) / lengths == pytest.approx(
        unit.embed_passages(TEXTS), abs=1e-6
    )
