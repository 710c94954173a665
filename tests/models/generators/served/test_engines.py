"""Real servers, which this project did not write, started and ended by an entry.

`transformers serve` is in the tests' environment. Paths of others are in these variables:
MODELLAB_TEST_VLLM, the program `vllm`; MODELLAB_TEST_LLAMA_SERVER, the program `llama-server`, and
MODELLAB_TEST_GGUF, any small model for it.
"""

import json
import os
from importlib.util import find_spec

import psutil
import pytest
from api_samples import requests
from tiny_questions import READER, right_values, tiny_requests

from modellab.models.generators.served.options import ServedOptions

needs_transformers = pytest.mark.skipif(
    not (find_spec("fastapi") and find_spec("uvicorn")),
    reason="`transformers serve` needs fastapi and uvicorn",
)
pytestmark = [pytest.mark.slow]
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string", "maxLength": 8}},
    "required": ["answer"],
    "additionalProperties": False,
}


def needed(*variables):
    """The values of variables; the test is skipped where one is not set."""
    missing = [name for name in variables if name not in os.environ]
    if missing:
        pytest.skip(f"{missing[0]} does not say where the engine is")
    return [os.environ[name] for name in variables]


def served(engine, model=READER, **keys):
    return ServedOptions(provider="served", engine=engine, model=str(model), gpus=0, **keys)


def vllm(**keys):
    [program] = needed("MODELLAB_TEST_VLLM")
    args = {"max-model-len": 2048, "dtype": "float32", "enforce-eager": True}
    environment = {"VLLM_CPU_KVCACHE_SPACE": "1"}
    return served("vllm", program=program, args=args, environment=environment, **keys)


def llama_cpp(**keys):
    program, model = needed("MODELLAB_TEST_LLAMA_SERVER", "MODELLAB_TEST_GGUF")
    return served("llama.cpp", model, program=program, args={"ctx-size": 4096}, **keys)


def answers(given, asked, schema=SCHEMA):
    """The responses in their order, and the server's record; nothing of it is left running."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with given.open(0, schema) as model:
        rows = sorted(model.answer(asked), key=lambda row: row.key)
    after = {child.pid for child in psutil.Process().children(recursive=True)}
    assert after <= before
    assert [row.error for row in rows] == [None] * len(asked)
    return rows, model.report()["server"]


def right(rows, asked):
    return right_values(asked, {row.key: row.text for row in rows})


@needs_transformers
def test_transformers_serves_a_reader_without_the_settings_of_its_hub(tmp_path):
    with_settings = copied_reader(tmp_path, repetition_penalty=1.8, do_sample=True, top_k=20)
    asked = tiny_requests(6)
    rows, _ = answers(served("transformers", with_settings, max_new_tokens=32), asked)
    assert right(rows, asked) >= 4
    assert {row.finish_reason for row in rows} == {"stop"}
    with in_process().open(0, {}) as model:
        texts = {row.key: row.text for row in model.answer(asked)}
    assert {row.key: row.text for row in rows} == texts


def copied_reader(folder, **settings):
    """The reader with other settings in its generation config."""
    for path in READER.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    config = folder / "generation_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | settings))
    return folder


def test_vllm_answers_as_the_model_in_the_process(tmp_path):
    asked = tiny_requests(24)
    with_settings = copied_reader(tmp_path, repetition_penalty=1.8, temperature=0.7, top_k=20)
    given = vllm(max_new_tokens=32).model_copy(update={"model": str(with_settings)})
    rows, record = answers(given, asked)
    assert right(rows, asked) >= 18
    assert record["version"]
    with in_process().open(0, {}) as model:
        texts = {row.key: row.text for row in model.answer(asked)}
    assert {row.key: row.text for row in rows} == texts


def in_process():
    from modellab.models.generators.transformers.options import TransformersOptions

    return TransformersOptions(
        provider="transformers",
        model=str(READER),
        device="cpu",
        dtype="float32",
        max_new_tokens=32,
    )


def test_vllm_writes_structured_answers():
    asked = tiny_requests(2)
    rows, _ = answers(vllm(answer_format="json_schema", max_new_tokens=64), asked)
    for row in rows:
        assert "  " not in row.text
        assert list(json.loads(row.text)) == ["answer"]


def test_llama_cpp_answers_greedily_the_same():
    given = llama_cpp(max_new_tokens=8, max_concurrent=1)
    first, record = answers(given, requests(4))
    again, _ = answers(given, requests(4))
    assert [row.text for row in first] == [row.text for row in again]
    assert all(row.prompt_tokens > 0 and 0 < row.completion_tokens <= 8 for row in first)
    assert record["version"]
    assert record["model"]["meta"]["n_params"] > 0


def test_llama_cpp_cuts_no_tokens_off():
    given = llama_cpp(max_new_tokens=1, temperature=1.0)
    with given.open(0, {}) as model:
        # the end as the first token is no text
        texts = {row.text for row in model.answer(requests(150)) if row.text}
    assert len(texts) > 45


def test_llama_cpp_writes_structured_answers():
    rows, _ = answers(llama_cpp(answer_format="json_schema", max_new_tokens=200), requests(2))
    for row in rows:
        assert list(json.loads(row.text)) == ["answer"]
