"""A real OpenAI-compatible server that this project did not write: `transformers serve`."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import pytest
from api_samples import requests
from tiny_questions import READER, right_values, tiny_requests

from modellab.models.asking.options import OpenAIOptions

needs_server = pytest.mark.skipif(
    not (find_spec("fastapi") and find_spec("uvicorn")),
    reason="`transformers serve` needs fastapi and uvicorn",
)
pytestmark = [pytest.mark.slow, needs_server, pytest.mark.usefixtures("keys")]


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_until_up(url, process):
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            assert process.poll() is None, "the server has ended"
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not answer")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    port = free_port()
    command = [Path(sys.executable).with_name("transformers"), "serve", str(READER)]
    with (tmp_path_factory.mktemp("served") / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
            stdout=log,
            stderr=log,
        )
        try:
            wait_until_up(f"http://127.0.0.1:{port}/health", process)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait(timeout=20)


def answers(url, asked, model=READER, **more):
    more = {"max_new_tokens": 8} | more
    given = OpenAIOptions(
        provider="openai", model=str(model), base_url=url, timeout_seconds=60, **more
    )
    with given.open(0, {}) as model:
        return sorted(model.answer(asked), key=lambda row: row.key)


def test_a_real_model_behind_a_real_server_is_right(served):
    asked = tiny_requests(6)
    rows = answers(served, asked, max_new_tokens=32)
    assert right_values(asked, {row.key: row.text for row in rows}) >= 4
    assert {row.finish_reason for row in rows} == {"stop"}


def test_rows_of_a_real_server(served):
    rows = answers(served, requests(6), max_concurrent=3)
    assert [row.error_class for row in rows] == [None] * 6
    for row in rows:
        assert isinstance(row.text, str)
        assert row.prompt_tokens > 0
        assert 0 < row.completion_tokens <= 8
        assert row.finish_reason in ("stop", "length")
        assert row.latency_seconds > 0


def test_greedy_answers_of_a_real_server_are_the_same_again(served):
    first, second = answers(served, requests(3)), answers(served, requests(3), max_concurrent=1)
    assert [row.text for row in first] == [row.text for row in second]


def test_a_model_that_a_real_server_does_not_have(served):
    [row] = answers(served, requests(1), model="no/such-model", max_retries=0)
    assert row.text is None
    assert row.error_class is not None
    assert row.error
