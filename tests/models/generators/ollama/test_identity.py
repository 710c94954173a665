import logging
import socket

import pytest
from cases import each
from ollama_requests import answered, asked, options
from ollama_server import Spec

from modellab.core.errors import InputError
from modellab.models.generators.ollama.options import OllamaOptions
from modellab.models.generators.ollama.server import close_names, full_name
from modellab.models.registry import parse_model


def paths(ollama):
    return [seen.path for seen in ollama.requests]


def test_an_entry_of_the_config():
    entry = parse_model({"provider": "ollama", "model": "qwen3:4b"})
    assert isinstance(entry, OllamaOptions)
    assert (entry.model_id(), entry.in_process, entry.pull) == ("qwen3:4b", False, False)
    assert entry.server_url() == "http://127.0.0.1:11434"


def test_what_a_model_is(ollama):
    found = options(ollama, context_tokens=2048).fingerprint()
    assert found == {
        "digest": ollama.find("qwen3:4b").digest,
        "quantization": "Q4_K_M",
        "parameter_size": "4.0B",
        "context_tokens": 2048,
        "think": None,
        "max_new_tokens": 256,
        "stop": [],
        "answer_format": "text",
    }
    assert ollama.loads == []


def test_the_context_of_the_model_itself(ollama):
    ollama.specs.append(Spec("wide:1b", parameters="num_ctx                8192\nstop    x"))
    assert options(ollama, "wide:1b").fingerprint()["context_tokens"] == 8192
    assert options(ollama).fingerprint()["context_tokens"] is None


def test_new_weights_under_the_same_name_are_another_model(ollama):
    before = options(ollama).fingerprint()
    ollama.find("qwen3:4b").weights = "newer"
    assert options(ollama).fingerprint() != before


def test_where_the_server_is_and_how_it_is_waited_for_is_no_part_of_it(ollama):
    plain = options(ollama).fingerprint()
    assert options(ollama, max_concurrent=4, max_retries=0, keep_others=True).fingerprint() == plain


def test_an_unknown_model(ollama):
    with pytest.raises(InputError, match=r"no model qwen3:14b .*qwen3:4b, qwen3:8b.*`ollama pull"):
        options(ollama, "qwen3:14b").fingerprint()
    assert set(paths(ollama)) == {"/api/tags"}


def test_pulling_where_it_is_allowed(ollama, caplog):
    ollama.registry.append(Spec("new:1b"))
    with pytest.raises(InputError, match="pull: true"):
        options(ollama, "new:1b").fingerprint()
    assert "/api/pull" not in paths(ollama)
    with caplog.at_level(logging.INFO):
        found = options(ollama, "new:1b", pull=True).fingerprint()
    assert found["digest"] == ollama.registry[0].digest
    assert "pulling new:1b" in caplog.text


def test_what_is_there_is_not_pulled(ollama):
    options(ollama, pull=True).fingerprint()
    assert "/api/pull" not in paths(ollama)


def test_pulling_what_the_registry_lacks(ollama):
    with pytest.raises(InputError, match="pull model manifest: file does not exist"):
        options(ollama, "typo:1b", pull=True).fingerprint()


def test_a_context_that_the_model_does_not_have(ollama):
    with pytest.raises(InputError, match="context of at most 32768 tokens, not 40000"):
        options(ollama, context_tokens=40000).fingerprint()


def test_no_server():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    entry = OllamaOptions(provider="ollama", model="qwen3:4b", base_url=url)
    with pytest.raises(InputError, match=rf"{url}: no Ollama server.*`ollama serve`"):
        entry.fingerprint()
    with pytest.raises(InputError, match=r"`ollama serve`"):
        answered(entry, asked())


def test_something_else_answers(httpserver):
    httpserver.expect_request("/api/tags").respond_with_data("<html>hello</html>")
    entry = OllamaOptions(provider="ollama", model="m", base_url=httpserver.url_for(""))
    with pytest.raises(InputError, match="not an Ollama server"):
        entry.fingerprint()


def test_no_address_at_all():
    entry = OllamaOptions(provider="ollama", model="m", base_url="http://127.0.0.1:eleven")
    with pytest.raises(InputError, match="eleven"):
        entry.fingerprint()


def test_the_address_from_a_variable(ollama, monkeypatch):
    monkeypatch.setenv("OLLAMA_HOST", "http://somewhere:1")
    entry = OllamaOptions(provider="ollama", model="m")
    assert entry.server_url() == "http://somewhere:1"
    entry = OllamaOptions(provider="ollama", model="m", base_url_env="LAB_OLLAMA")
    with pytest.raises(InputError, match="variable LAB_OLLAMA is not set"):
        entry.fingerprint()
    monkeypatch.setenv("LAB_OLLAMA", ollama.url)
    assert entry.server_url() == ollama.url


def test_a_password_has_no_place_in_an_address():
    with pytest.raises(ValueError, match="no user or password"):
        OllamaOptions(provider="ollama", model="m", base_url="http://me:pw@host")


@each(
    ("name", "full"),
    [
        ("qwen3", "qwen3:latest"),
        ("qwen3:4b", "qwen3:4b"),
        ("user/model", "user/model:latest"),
        ("HF.co/Org/Model:Q4", "hf.co/Org/Model:Q4"),
        ("localhost:5000/org/model", "localhost:5000/org/model:latest"),
    ],
)
def test_full_names(name, full):
    assert full_name(name) == full


def test_close_names_are_the_other_tags_first():
    names = ["qwen2:4b", "mistral:7b", "qwen3:8b", "hf.co/a/qwen3:q4"]
    assert close_names("qwen3:4b", names)[:2] == ["hf.co/a/qwen3:q4", "qwen3:8b"]
    assert close_names("nothing-like-it", names) == []
