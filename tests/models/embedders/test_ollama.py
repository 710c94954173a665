import pytest
from ollama_server import serving
from ollama_state import Spec

from modellab.core.errors import InputError
from modellab.models.embedders.pretrained import PROBE_TEXT
from modellab.models.embedders.remote import OllamaEmbedderOptions


@pytest.fixture
def ollama():
    held = Spec("all-minilm:latest", quantization="F16", capabilities=("embedding",))
    with serving(held, Spec("qwen3:4b")) as server:
        yield server


def options(ollama, model="all-minilm", **more):
    return OllamaEmbedderOptions(kind="ollama", model=model, base_url=ollama.url, **more)


def test_a_model_is_resident_only_while_it_embeds(ollama, tmp_path):
    embedder = options(ollama, batch_size=2).load(tmp_path, tmp_path)
    vectors = embedder.embed_passages(["a", "bb", "ccc"])
    assert vectors[:, 0] / vectors[:, 1] == pytest.approx([1, 2, 3])
    assert ollama.resident() == []
    sent = [seen.body for seen in ollama.requests if seen.path == "/api/embed"]
    assert [body["input"] for body in sent] == ["", [PROBE_TEXT], ["a", "bb"], ["ccc"]]
    assert all(body["truncate"] is False for body in sent[1:])
    before = len(ollama.requests)
    embedder.embed_passages(["bb"])
    assert len(ollama.requests) == before


def test_the_digest_is_the_identity(ollama):
    before = options(ollama).fingerprint()
    assert before == options(ollama, batch_size=9, keep_others=True).fingerprint()
    ollama.specs[0] = Spec("all-minilm:latest", weights="newer", capabilities=("embedding",))
    assert before != options(ollama).fingerprint()


def test_a_model_that_is_not_there(ollama, tmp_path):
    with pytest.raises(InputError, match=r"no model bge-m3 .*run `ollama pull bge-m3`"):
        options(ollama, "bge-m3").load(tmp_path, tmp_path)


def test_a_server_that_is_not_there(tmp_path):
    chosen = OllamaEmbedderOptions(kind="ollama", model="m", base_url="http://127.0.0.1:9")
    with pytest.raises(InputError, match="no Ollama server can be reached there"):
        chosen.load(tmp_path, tmp_path)
