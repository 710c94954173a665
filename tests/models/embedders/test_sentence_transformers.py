import sys
from types import SimpleNamespace

import numpy as np
import pytest

from modellab.core.errors import InputError
from modellab.models.embedders.sentence_transformers import SentenceTransformersOptions


class FakeModel:
    """Replaces SentenceTransformer: the vector of a text is its length and its number of spaces."""

    def __init__(self, name, revision=None, local_files_only=False):
        if name == "absent":
            raise OSError("absent is not a local folder\nand not on the hub")
        self.asked.append((name, revision, local_files_only))

    def encode(self, texts, **options):
        self.seen.append((texts, options["batch_size"]))
        return np.array([[len(text), text.count(" ")] for text in texts], dtype=np.float64)


@pytest.fixture
def library(monkeypatch):
    monkeypatch.setattr(FakeModel, "asked", [], raising=False)
    monkeypatch.setattr(FakeModel, "seen", [], raising=False)
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
    assert FakeModel.seen == [(["q: a", "q: b c"], 7)]
    assert (vectors.shape, vectors.dtype) == ((2, 2), np.float32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1])
    embedder.embed_passages(["a"])
    assert FakeModel.seen[1:] == [(["p: a"], 7)]


def test_a_folder_needs_no_network(library, tmp_path):
    options(model=str(tmp_path)).load(tmp_path).embed_queries(["a"])
    options(model="org/name", revision="abc").load(tmp_path).embed_queries(["a"])
    assert FakeModel.asked == [(str(tmp_path), None, True), ("org/name", "abc", False)]


def test_a_folders_identity_is_what_its_files_hold(tmp_path):
    (tmp_path / "weights").write_text("1")
    before = options(model=str(tmp_path)).fingerprint()
    assert before == options(model=str(tmp_path), batch_size=9).fingerprint()
    (tmp_path / "weights").write_text("2")
    assert before != options(model=str(tmp_path)).fingerprint()
    assert options(model="a/b", revision="c").fingerprint()["revision"] == "c"


def test_a_model_that_cannot_be_loaded(library, tmp_path):
    with pytest.raises(InputError, match=r"'absent' cannot be loaded; give a folder") as caught:
        options(model="absent").load(tmp_path).embed_queries(["a"])
    assert "\n" not in str(caught.value)


def test_a_missing_library(monkeypatch, tmp_path):
    # None in sys.modules is how Python spells "cannot be imported".
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(InputError, match=r"pip install -e '\.\[sentence-transformers\]'"):
        options().load(tmp_path).embed_queries(["a"])
