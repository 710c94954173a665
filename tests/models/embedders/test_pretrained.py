from contextlib import contextmanager

import numpy as np
import pytest

from modellab.core.errors import InputError
from modellab.models.embedders.pretrained import PretrainedOptions


class Letters(PretrainedOptions):
    """Counts a and b. `asked` are the batches that the model saw."""

    width: int = 2

    def fingerprint(self):
        return {"kind": "letters"}

    @contextmanager
    def encoder(self):
        self.opened.append(True)

        def encode(texts):
            self.asked.append(list(texts))
            return [[text.count("a"), text.count("b"), 7][: self.width] for text in texts]

        yield encode


@pytest.fixture
def letters(monkeypatch):
    monkeypatch.setattr(Letters, "opened", [], raising=False)
    monkeypatch.setattr(Letters, "asked", [], raising=False)
    return Letters


def test_a_text_is_embedded_once(letters, tmp_path):
    embedder = letters(batch_size=2).load(tmp_path, tmp_path / "vectors")
    first = embedder.embed_passages(["aab", "b", "aab", "a"])
    assert letters.asked == [["aab", "b"], ["a"]]
    assert first[0] == pytest.approx(np.array([2, 1]) / 5**0.5)
    again = letters().load(tmp_path, tmp_path / "vectors")
    second = again.embed_passages(["a", "bbb", "aab"])
    assert letters.asked[2:] == [["bbb"]]
    assert second[[0, 2]].tolist() == first[[3, 0]].tolist()
    again.embed_passages(["a", "b"])
    assert len(letters.opened) == 2


class Served(Letters):
    """A model that a server may exchange."""

    behind_server = True


@pytest.mark.parametrize("kept", [True, False])
def test_a_model_that_was_exchanged_is_noticed(letters, tmp_path, monkeypatch, kept):
    index, vectors = tmp_path / "index", tmp_path / "vectors"
    index.mkdir()
    Served().load(index, vectors).embed_passages(["aab", "b"])
    # the same model goes on, and its vector of a fixed text is there
    Served().load(index, vectors).embed_queries(["ab"])
    monkeypatch.setattr(Served, "encoder", other_encoder)
    if not kept:
        next(vectors.glob("*.vectors")).unlink()
    with pytest.raises(InputError, match="is not the one that made the vectors in"):
        Served().load(index, vectors).embed_queries(["bb"])
    # what is known needs no model
    if kept:
        Served().load(index, vectors).embed_queries(["ab"])


def test_an_index_of_kept_vectors_knows_its_model(letters, tmp_path, monkeypatch):
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        Served().load(folder, tmp_path / "vectors").embed_passages(["aab", "b"])
    assert len(letters.opened) == 1
    assert (second / "probe.json").read_text() == (first / "probe.json").read_text()


def test_a_search_writes_nothing_into_an_index(letters, tmp_path):
    index = tmp_path / "index"
    index.mkdir()
    Served().load(index, tmp_path / "vectors").embed_queries(["ab"])
    assert list(index.iterdir()) == []


@contextmanager
def other_encoder(self):
    yield lambda texts: [[9, text.count("b")] for text in texts]


def test_without_a_folder_nothing_is_kept(letters, tmp_path):
    embedder = letters().load(tmp_path)
    embedder.embed_queries(["a"])
    embedder.embed_queries(["a"])
    assert letters.asked == [["a"], ["a"]]
    assert list(tmp_path.iterdir()) == []


def test_prefixes_are_part_of_the_text(letters, tmp_path):
    chosen = letters(query_prefix="q:", passage_prefix="p:")
    embedder = chosen.load(tmp_path, tmp_path)
    embedder.embed_queries(["a"])
    embedder.embed_passages(["a"])
    assert letters.asked == [["q:a"], ["p:a"]]


def test_a_batch_is_kept_before_the_next_is_asked_for(letters, tmp_path, monkeypatch):
    def failing(self):
        @contextmanager
        def opened():
            def encode(texts):
                if "b" in texts:
                    raise InputError("the server is gone")
                return [[1, 0] for _ in texts]

            yield encode

        return opened()

    with monkeypatch.context() as patch:
        patch.setattr(letters, "encoder", failing)
        with pytest.raises(InputError, match="the server is gone"):
            letters(batch_size=1).load(tmp_path, tmp_path).embed_passages(["a", "b"])
    letters().load(tmp_path, tmp_path).embed_passages(["a", "b"])
    assert letters.asked == [["b"]]


def test_a_text_without_a_vector_stays_without(letters, tmp_path):
    assert letters().load(tmp_path).embed_passages(["xyz"]).tolist() == [[0, 0]]


def test_no_texts(letters, tmp_path):
    assert len(letters().load(tmp_path, tmp_path).embed_passages([])) == 0
    assert letters.opened == []


def test_a_model_that_changed_its_dimensions(letters, tmp_path):
    letters().load(tmp_path, tmp_path).embed_passages(["a"])
    with pytest.raises(InputError, match="of 2 dimensions, and the model now gives 3"):
        letters(width=3).load(tmp_path, tmp_path).embed_passages(["b"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([[1.0, float("nan")]], "NaN or infinity for 1 of 1 texts, first for 'a'"),
        ([[1.0], [2.0]], "expected one vector for each"),
        ([1.0], "expected one vector for each"),
    ],
)
def test_what_is_no_vector_per_text(letters, tmp_path, monkeypatch, given, message):
    @contextmanager
    def wrong(self):
        yield lambda texts: given

    monkeypatch.setattr(letters, "encoder", wrong)
    with pytest.raises(InputError, match=message):
        letters().load(tmp_path).embed_passages(["a"])


def test_vectors_as_the_model_gives_them(letters, tmp_path):
    """Stored vectors are those of the model, before they are normalised."""
    texts = ["aab", "b"]
    unit = letters().load(tmp_path, tmp_path).embed_passages(texts)
    raw = letters(normalise=False).load(tmp_path, tmp_path)
    assert raw.embed_passages(texts).tolist() == [[2, 1], [0, 1]]
    assert raw.embed_queries(["bb"]).tolist() == [[0, 2]]
    assert np.linalg.norm(unit, axis=1) == pytest.approx(np.ones(2))
    assert letters.asked == [["aab", "b"], ["bb"]]
    assert letters(normalise=False).normalised() == letters()
