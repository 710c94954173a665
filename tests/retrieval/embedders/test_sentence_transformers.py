import sys
from types import SimpleNamespace

import numpy as np
import pytest

from modellab.errors import InputError
from modellab.retrieval.embedders.sentence_transformers import SentenceTransformersOptions


class FakeModel:
    """Stands in for SentenceTransformer: the vector of a text is its length and its spaces."""

    def __init__(self, name, revision=None, local_files_only=False):
        if name == "absent":
            raise OSError("absent is not a local folder\nand not on the hub")
        self.asked = (name, revision, local_files_only)

    def encode(self, texts, **options):
        assert options["normalize_embeddings"]
        self.seen = (texts, options["batch_size"])
        vectors = np.array([[len(text), text.count(" ")] for text in texts], dtype=np.float64)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def library(monkeypatch):
    monkeypatch.setitem(
        sys.modules, "sentence_transformers", SimpleNamespace(SentenceTransformer=FakeModel)
    )


def options(**more):
    return SentenceTransformersOptions(kind="sentence-transformers", **more)


def test_prefixes_and_batches(library, tmp_path):
    chosen = options(model="m", query_prefix="q: ", passage_prefix="p: ", batch_size=7)
    chosen.fit(["x"], tmp_path, seed=0)
    embedder = chosen.load(tmp_path)
    vectors = embedder.embed_queries(["a", "b c"])
    assert embedder._model.seen == (["q: a", "q: b c"], 7)
    assert (vectors.shape, vectors.dtype) == ((2, 2), np.float32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1])
    embedder.embed_passages(["a"])
    assert embedder._model.seen == (["p: a"], 7)


def test_a_folder_needs_no_network(library, tmp_path):
    local = options(model=str(tmp_path)).load(tmp_path)
    assert local._model.asked == (str(tmp_path), None, True)
    remote = options(model="org/name", revision="abc").load(tmp_path)
    assert remote._model.asked == ("org/name", "abc", False)


def test_a_model_that_cannot_be_loaded(library, tmp_path):
    with pytest.raises(InputError, match=r"'absent' cannot be loaded; give a folder") as caught:
        options(model="absent").load(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_missing_library(monkeypatch, tmp_path):
    # None in sys.modules is how Python spells "cannot be imported".
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(InputError, match=r"pip install -e '\.\[sentence-transformers\]'"):
        options().load(tmp_path)
