"""Entries: the command of each server, the keys that decide an answer, and refused values."""

import json

import pytest
from api_samples import requests
from cases import each
from pydantic import ValidationError
from served_models import options

from modellab.models.generators.served.engines import ENGINES, Launch, flags
from modellab.models.generators.served.options import ServedOptions
from modellab.models.protocol import Place
from modellab.models.registry import parse_model

AT = Launch("/bin/server", "/models/m", None, 4711, "modellab-1")


def served(engine, model="/models/m", **keys):
    return ServedOptions(provider="served", engine=engine, model=model, **keys)


def line(given, at=AT):
    return ENGINES[given.engine].start_command(given, at)


def test_vllm_listens_on_loopback_and_samples_by_nothing_of_the_hub():
    command = line(served("vllm", gpus=2, args={"max-model-len": 8192}))
    assert command[:5] == ["/bin/server", "serve", "/models/m", "--host", "127.0.0.1"]
    pairs = dict(zip(command[3::2], command[4::2], strict=True))
    assert pairs["--generation-config"] == "vllm"
    assert pairs["--tensor-parallel-size"] == "2"
    assert pairs["--max-model-len"] == "8192"
    assert pairs["--served-model-name"] == "modellab-1"


def test_structured_answers_have_no_runs_of_blanks():
    constrained = served("vllm", answer_format="json_schema")
    assert '{"backend": "xgrammar", "disable_any_whitespace": true}' in line(constrained)
    assert "--structured-outputs-config" not in line(served("vllm"))


def test_llama_cpp_hides_no_cut_of_probabilities():
    command = line(served("llama.cpp", "m.gguf", gpus=0))
    for pair in (["--top-k", "0"], ["--min-p", "0"], ["--top-p", "1"], ["--threads", "2"]):
        at = command.index(pair[0])
        assert command[at : at + 2] == pair


def test_sglang_is_started_by_its_python():
    command = line(served("sglang"))
    assert command[1:3] == ["-m", "sglang.launch_server"]
    assert command[command.index("--sampling-defaults") + 1] == "openai"


def test_arguments_of_an_entry_override_ours():
    command = line(served("llama.cpp", "m.gguf", args={"threads": 8, "jinja": False}))
    assert command[command.index("--threads") + 1] == "8"
    assert "--jinja" not in command


def test_arguments_as_on_a_command_line():
    arguments = {"a": True, "b": False, "c": None, "d": 1.5, "e": ["x", "y"], "f": {"k": 1}}
    assert flags(arguments) == ["--a", "--d", "1.5", "--e", "x", "y", "--f", '{"k": 1}']


def test_the_template_gets_whether_to_think():
    message = ENGINES["vllm"].parameters(served("vllm", think=False))
    assert message == {"chat_template_kwargs": {"enable_thinking": False}}
    assert ENGINES["vllm"].parameters(served("vllm")) == {}


def test_the_fingerprint_is_of_weights_and_cache_key_fields(weights, tmp_path):
    plain = options(weights).fingerprint()
    copied = tmp_path / "copy.gguf"
    copied.write_bytes(weights.read_bytes())
    assert options(copied, max_concurrent=1, timeout_seconds=1).fingerprint() == plain
    copied.write_bytes(b"GGUF others")
    assert options(copied).fingerprint() != plain
    assert options(weights, think=False).fingerprint() != plain
    assert "modellab-" not in str(plain)


def test_arguments_that_change_speed_alone_decide_nothing():
    idle = {"gpu-memory-utilization": 0.5, "max-num-seqs": 8}
    assert served("vllm", args=idle).decides() == served("vllm").decides()
    assert served("vllm", args={"dtype": "float16"}).decides() != served("vllm").decides()


def test_a_split_gguf_is_all_of_its_parts(tmp_path):
    for part in (1, 2):
        (tmp_path / f"m-{part:05d}-of-00002.gguf").write_bytes(b"%d" % part)
    given = served("llama.cpp", str(tmp_path / "m-00001-of-00002.gguf"))
    before = given.fingerprint()
    (tmp_path / "m-00002-of-00002.gguf").write_bytes(b"other")
    assert given.fingerprint() != before


def test_where_it_runs():
    assert served("vllm").place() == Place.GPU
    assert served("vllm", gpus=0).place() == Place.PROCESS


@each(
    ("keys", "message"),
    [
        ({"args": {"port": 1}}, "port is set by the provider"),
        ({"args": {"--dtype": "auto"}}, "without dashes"),
        ({"args": {"api-key": "x"}}, "api-key"),
        ({"environment": {"HF_TOKEN": "x"}}, "HF_TOKEN"),
        ({"extra": {"seed": 1}}, "seed"),
        ({"slots_per_gpu": 2}, "gpu-memory-utilization"),
        ({"command": ["x"]}, "command"),
        ({"engine": "command"}, "command"),
        ({"engine": "llama.cpp"}, "gguf"),
        ({"engine": "transformers", "answer_format": "json_schema"}, "json_schema"),
    ],
)
def test_what_cannot_be(keys, message):
    with pytest.raises(ValidationError, match=message):
        ServedOptions(**{"provider": "served", "engine": "vllm", "model": "/models/m"} | keys)


def test_an_entry_is_read_back_from_what_decides(weights):
    given = options(weights, think=True)
    assert parse_model(given.cache_key_fields()).fingerprint() == given.fingerprint()


def test_preflight_looks_for_the_program(weights):
    [fine] = options(weights).preflight("model m")
    assert fine.level.name == "OK"
    [lost] = options(weights, command=["/no/such/program"]).preflight("model m")
    assert "/no/such/program" in str(lost)


def test_requests_have_the_decoding(weights, tmp_path):
    bodies = tmp_path / "bodies"
    given = options(weights, "--bodies", str(bodies), extra={"top_k": 5}, think=False)
    with given.open(0, {}) as model:
        list(model.answer(requests(1)))
    body = json.loads(bodies.read_text())
    assert body["temperature"] == 0
    assert body["top_k"] == 5
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert body["model"].startswith("modellab-")
