"""Embedders with a server that the job starts, and ends when the vectors are there."""

import psutil
import pytest
from served_models import entry

from modellab.core.errors import InputError
from modellab.core.job_log import job_log
from modellab.models.embedders.remote import ServedEmbedderOptions


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF weights")
    return path


def options(weights, *more, **keys):
    given = {k: v for k, v in entry(weights, *more).items() if k != "provider"}
    return ServedEmbedderOptions(**{"kind": "served", **given, **keys})


def test_texts_are_embedded_and_nothing_is_left(weights, tmp_path):
    index, vectors = tmp_path / "index", tmp_path / "vectors"
    index.mkdir()
    before = psutil.Process().children(recursive=True)
    embedder = options(weights, normalise=False).load(index, vectors)
    assert embedder.embed_passages(["aab", "b"]).tolist() == [[3, 2], [1, 0]]
    assert psutil.Process().children(recursive=True) == before
    # a vector that is there starts no server
    assert options(weights, normalise=False).load(index, vectors).embed_queries(["b"]).any()


def test_weights_decide_and_no_address(weights, tmp_path):
    known = options(weights).fingerprint()
    assert known == options(weights, gpus=2, start_timeout_seconds=5).fingerprint()
    assert set(known) == {"kind", "weights", "engine", "command"}
    weights.write_bytes(b"GGUF others")
    assert options(weights).fingerprint() != known


def test_a_server_that_does_not_start_ends_the_job(weights, tmp_path):
    broken = options(weights, "--no-such-flag").load(tmp_path, tmp_path / "vectors")
    with pytest.raises(InputError, match=r"the server ended .*no-such-flag"):
        broken.embed_queries(["a"])


def test_what_a_model_s_entry_refuses(weights):
    with pytest.raises(ValueError, match="command: needed by engine"):
        options(weights, engine="llama.cpp")
    llama = {"engine": "llama.cpp", "command": ()}
    assert options(weights, **llama).server().args == {"embeddings": True}


def test_its_log_is_not_that_of_a_model_s_server(weights, tmp_path):
    with job_log(tmp_path / "job.log"):
        options(weights).load(tmp_path, tmp_path / "vectors").embed_queries(["a"])
    assert "serving" in (tmp_path / "job.embedder.log").read_text()
    assert not (tmp_path / "job.server.log").exists()
