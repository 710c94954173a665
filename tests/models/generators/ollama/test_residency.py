import logging

import pytest
from ollama_requests import answered, asked, options
from ollama_server import Spec

from modellab.core.errors import InputError
from modellab.models.generators.ollama.server import OllamaServer, full_name


def unloads(ollama):
    bodies = ollama.asked("/api/generate")
    return [body["model"] for body in bodies if body.get("keep_alive") == 0]


@pytest.mark.parametrize(
    "name", ["qwen3:4b", "hf.co/org/Model-GGUF:Q4_K_M", "mistral", "mistral:latest"]
)
def test_a_model_is_gone_after_its_run(ollama, name):
    _, report = answered(options(ollama, name), asked())
    assert ollama.resident() == []
    assert [full_name(unloaded) for unloaded in unloads(ollama)] == [full_name(name)]
    assert report["unloaded"] is True


def test_it_stays_between_answers(ollama):
    with options(ollama).open(0, {}) as model:
        list(model.answer(asked(2)))
        assert ollama.resident() == ["qwen3:4b"]
        list(model.answer(asked(2)))
    assert ollama.loads == ["qwen3:4b"]


def test_it_goes_after_an_error_too(ollama):
    with pytest.raises(ZeroDivisionError), options(ollama).open(0, {}):
        assert 1 / 0
    assert ollama.resident() == []


def test_a_killed_run_frees_the_memory_in_the_end(ollama):
    with options(ollama).open(0, {}) as model:
        list(model.answer(asked()))
        sent = [*ollama.asked("/api/generate"), *ollama.asked("/api/chat")]
    assert [body["keep_alive"] for body in sent] == [600, 600]


def test_one_model_at_a_time(ollama, caplog):
    ollama.load("qwen3:8b", keep_alive=-1)
    ollama.load("bge-m3", keep_alive=-1)
    with caplog.at_level(logging.WARNING), options(ollama).open(0, {}):
        assert ollama.resident() == ["qwen3:4b"]
    assert set(unloads(ollama)[:2]) == {"qwen3:8b", "bge-m3:latest"}
    assert "unloading qwen3:8b" in caplog.text


def test_others_may_stay(ollama):
    ollama.load("qwen3:8b")
    ollama.load("bge-m3")
    _, report = answered(options(ollama, keep_others=True), asked())
    assert ollama.resident() == ["qwen3:8b", "bge-m3:latest"]
    assert unloads(ollama) == ["qwen3:4b"]
    assert sorted(report["others"]) == ["bge-m3:latest", "qwen3:8b"]
    assert report["warnings"] == []


def test_a_model_of_somebody_else_stays_where_others_may(ollama):
    ollama.load("qwen3:4b", keep_alive=-1)
    answered(options(ollama, keep_others=True), asked())
    assert ollama.resident() == ["qwen3:4b"]
    assert unloads(ollama) == []


def test_a_model_left_in_memory_is_loaded_again(ollama):
    ollama.load("qwen3:4b", context=512)
    _, report = answered(options(ollama), asked())
    assert report["unloaded_before"] == ["qwen3:4b"]
    assert report["context_length"] == 4096
    assert ollama.resident() == []


def test_another_tag_is_never_touched(ollama):
    ollama.load("qwen3:8b")
    ollama.load("qwen3:4b")
    with OllamaServer(ollama.url) as server:
        assert server.unload("qwen3:4b", 1)
    assert ollama.resident() == ["qwen3:8b"]


def test_the_same_tail_from_another_host_is_never_touched(ollama):
    ollama.specs.append(Spec("org/Model-GGUF:Q4_K_M"))
    for name in ("hf.co/org/Model-GGUF:Q4_K_M", "org/Model-GGUF:Q4_K_M"):
        ollama.load(name)
    with OllamaServer(ollama.url) as server:
        assert server.unload("org/Model-GGUF:Q4_K_M", 1)
    assert ollama.resident() == ["hf.co/org/Model-GGUF:Q4_K_M"]


def test_a_model_that_leaves_slowly(ollama):
    ollama.unload_seconds = 0.3
    _, report = answered(options(ollama), asked())
    assert report["unloaded"] is True
    assert report["unload_seconds"] >= 0.25
    assert ollama.resident() == []


def test_a_model_that_does_not_leave_before_a_start(ollama):
    ollama.unload_seconds = 60
    ollama.load("qwen3:8b")
    with pytest.raises(InputError, match=r"qwen3:8b is still in memory 0\.2 s .*`keep_others"):
        answered(options(ollama, unload_seconds=0.2), asked())
    assert ollama.loads == ["qwen3:8b"]


def test_a_model_that_does_not_leave_after_an_end(ollama):
    ollama.unload_seconds = 60
    rows, report = answered(options(ollama, unload_seconds=0.2), asked(2))
    assert [row.error_class for row in rows] == [None, None]
    assert report["unloaded"] is False
    assert report["warnings"] == ["qwen3:4b was still in memory after 0.2 s"]


def test_a_model_that_was_deleted_while_it_was_loaded(ollama):
    ollama.load("qwen3:8b")
    ollama.specs = [spec for spec in ollama.specs if spec.name != "qwen3:8b"]
    with pytest.raises(InputError, match="qwen3:8b is still in memory"):
        answered(options(ollama, unload_seconds=0.1), asked())


def test_embedding_models_come_and_go_the_same_way(ollama):
    with OllamaServer(ollama.url) as server:
        server.load("bge-m3", {}, embedding=True)
        assert [resident.model for resident in server.ps()] == ["bge-m3:latest"]
        assert server.unload("bge-m3", 1)
    assert ollama.resident() == []


def test_the_report_says_what_was_in_memory(ollama):
    _, report = answered(options(ollama, context_tokens=2048), asked())
    assert report["server"] == ollama.url
    assert report["server_version"] == "0.40.12"
    assert report["digest"] == ollama.find("qwen3:4b").digest
    assert (report["size_bytes"], report["size_vram_bytes"]) == (3_000_000_000, 2_000_000_000)
    assert (report["context_length"], report["warnings"]) == (2048, [])


def test_a_slow_start_is_not_a_failure(ollama):
    ollama.load_seconds = 0.6
    rows, report = answered(options(ollama, timeout_seconds=0.3), asked(2))
    assert [row.error_class for row in rows] == [None, None]
    assert report["load_seconds"] >= 0.6
    assert max(row.latency_seconds + row.queue_seconds for row in rows) < 0.3


def test_a_start_that_takes_too_long(ollama):
    ollama.load_seconds = 0.6
    with pytest.raises(InputError, match=r"no answer within 0\.2 s.*load_timeout_seconds"):
        answered(options(ollama, load_timeout_seconds=0.2), asked())


def test_a_model_that_does_not_fit(ollama):
    ollama.load_error = "model requires more system memory (5.6 GiB) than is available (3.1 GiB)"
    with pytest.raises(InputError, match=r"5\.6 GiB.*3\.1 GiB.*smaller quantisation"):
        answered(options(ollama), asked())


def test_a_copy_under_another_name_is_the_same_model(ollama):
    ollama.specs.append(Spec("copy:latest", weights="qwen3:4b"))
    ollama.load("copy:latest", keep_alive=-1)
    _, report = answered(options(ollama, keep_others=True), asked())
    assert report["others"] == []
    assert "copy:latest" in ollama.resident()
