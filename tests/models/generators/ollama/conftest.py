import pytest
from ollama_server import Spec, serving

from modellab.models.asking import limits
from modellab.models.generators.ollama import server


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path):
    """Short waits, and turns that no other test run shares."""
    monkeypatch.setattr(limits, "FIRST_SECONDS", 0.01)
    monkeypatch.setattr(server, "_FIRST_POLL_SECONDS", 0.01)
    monkeypatch.setattr(server, "_LONGEST_POLL_SECONDS", 0.05)
    monkeypatch.setattr(server.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def ollama():
    """A server with two sizes of a model, one from another hub, and an embedding model."""
    with serving(
        Spec("qwen3:4b"),
        Spec("qwen3:8b", parameter_size="8.2B"),
        Spec("hf.co/org/Model-GGUF:Q4_K_M"),
        Spec("mistral:latest", quantization="Q8_0"),
        Spec("bge-m3:latest", capabilities=("embedding",)),
    ) as running:
        yield running
