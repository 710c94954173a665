import sqlite3

import numpy as np
import pytest
from pydantic import ValidationError

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json
from modellab.core.records import Chunk
from modellab.models.embedders.sentence_transformers import SentenceTransformersOptions
from modellab.models.embedders.stored import StoredOptions
from modellab.retrieval.dense import DenseOptions

PASSAGES = [("one", "[3,0,4]"), ("two", "[0,2,0]"), ("none", None)]


@pytest.fixture
def stored(tmp_path):
    def make(passages=PASSAGES, questions=(("what?", "[0,0,1]"),), **options):
        path = tmp_path / "v.db"
        path.unlink(missing_ok=True)
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE p (body TEXT, embedding TEXT)")
            connection.execute("CREATE TABLE q (text TEXT, vector TEXT)")
            connection.executemany("INSERT INTO p VALUES (?, ?)", passages)
            connection.executemany("INSERT INTO q VALUES (?, ?)", questions)
        connection.close()
        of = [
            {"table": "p", "columns": {"text": "body", "vector": "embedding"}},
            {"table": "q"},
        ]
        url = {"url": f"sqlite:///{path}"}
        return StoredOptions(kind="stored", of=[{**url, **entry} for entry in of], **options)

    return make


def chunks(*texts):
    return [Chunk(text, text, 0, text, text) for text in texts]


def test_what_is_stored_is_found_and_what_is_not_is_counted(stored, tmp_path):
    options = DenseOptions(kind="dense", embedder=stored())
    options.build(chunks("two", " one\n", "none"), tmp_path, 0)
    assert read_json(tmp_path / "report.json")["without_vector"] == 1
    [hits] = options.load(tmp_path).search(["what?"], 3)
    assert [(hit.row, round(hit.score, 6)) for hit in hits][:2] == [(1, 0.8), (0, 0.0)]
    with pytest.raises(InputError, match=r"1 of 2 questions have no vector \(such as 'why\?'\)"):
        options.load(tmp_path).search(["what?", "why?"], 3)


def test_without_normalising_the_inner_product_counts(stored, tmp_path):
    options = DenseOptions(kind="dense", embedder=stored(normalise=False))
    options.build(chunks("one", "two"), tmp_path, 0)
    [hits] = options.load(tmp_path).search(["what?"], 2)
    assert hits[0] == (0, 4.0)


def test_another_embedder_fills_the_gaps(stored, tmp_path, monkeypatch):
    asked = []

    class Twice:
        def embed_passages(self, texts):
            asked.append(list(texts))
            return np.array([[0, 0, 2.0]] * len(texts), dtype=np.float32)

        embed_queries = embed_passages

    monkeypatch.setattr(SentenceTransformersOptions, "load", lambda *_: Twice())
    options = stored(embedder={"kind": "sentence-transformers"})
    options.fit(["one"], tmp_path, 0)
    embedder = options.load(tmp_path)
    assert embedder.embed_passages(["two", "none"]).tolist() == [[0, 1, 0], [0, 0, 1]]
    assert embedder.embed_queries(["why?", "what?"]).tolist() == [[0, 0, 1], [0, 0, 1]]
    assert asked == [["none"], ["why?"]]
    monkeypatch.setattr(
        Twice, "embed_passages", lambda self, texts: np.ones((len(texts), 2), dtype=np.float32)
    )
    with pytest.raises(InputError, match="have 3 dimensions, its `embedder` gives 2"):
        embedder.embed_passages(["none"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"passages": [("one", "[1,2]"), ("two", "[1]")]},
            "row 2: a vector of 1 .* have 2; all must",
        ),
        ({"passages": [("one", "1,2")]}, r"row 1: not a vector such as \[0\.1,0\.2\]"),
        ({"questions": [("x", "[1,2]")]}, "a vector of 2 dimensions, those before have 3"),
        (
            {"passages": [("other", "[1,2,3]")]},
            "no passage has a vector among the 2 that are stored",
        ),
        ({"passages": [("x", None)], "questions": [("y", None)]}, "no row has a vector"),
    ],
)
def test_bad_tables(stored, tmp_path, given, message):
    with pytest.raises(InputError, match=message):
        stored(**given).fit(["one", "two"], tmp_path, 0)


def test_bad_columns(stored, tmp_path):
    data = stored().model_dump()
    data["of"][0]["columns"] = {"text": "body"}
    with pytest.raises(ValidationError, match="must say where text and vector are"):
        StoredOptions(**data)
    data["of"][0]["columns"] = {}
    with pytest.raises(InputError, match=r"no column 'text' \(found: body, embedding\)"):
        StoredOptions(**data).fit(["one"], tmp_path, 0)
