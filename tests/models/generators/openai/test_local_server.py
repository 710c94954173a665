"""Servers on this machine that somebody else started."""

import json
import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from api_samples import options

from modellab.core.errors import InputError
from modellab.models.generators.openai.local_server import served_there

ROW = {"id": "real", "owned_by": "llamacpp", "meta": {"n_params": 5}}
PROPS = {"model_path": "/m/real.gguf", "build_info": "b1", "other": 1}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MODELLAB_CACHE", str(tmp_path / "cache"))


@contextmanager
def listing(rows, port=0, loading_seconds=0.0):
    """A server that lists these rows, once it has loaded."""
    ready = time.monotonic() + loading_seconds

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            bodies = {"/v1/models": {"data": rows}, "/props": PROPS}
            loading = time.monotonic() < ready
            data = json.dumps(bodies.get(self.path, {})).encode()
            self.send_response(503 if loading else 200)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_digest_of_weights_that_a_server_reports_is_kept():
    with listing([ROW]) as url:
        found = served_there(url, "real", None, 5)
    assert found == {"meta": {"n_params": 5}, "model_path": "/m/real.gguf", "build_info": "b1"}


VLLM = {"id": "real", "owned_by": "vllm", "root": "/m/real", "max_model_len": 100}


def fingerprint(url, **more):
    return options(url, model="real", api_key_env=None, **more).fingerprint()


def test_weights_decide_and_no_address(cache):
    with listing([VLLM]) as one, listing([VLLM | {"max_model_len": 9}]) as other:
        known = fingerprint(one)
        assert known == fingerprint(other) == fingerprint(one.replace("127.0.0.1", "localhost"))
        assert known["weights"] == {"root": "/m/real"}
        assert "base_url" not in known
    with listing([VLLM | {"root": "/m/new"}]) as changed:
        assert fingerprint(changed) != known


def test_a_server_without_a_digest_of_weights_is_known_by_its_address(cache):
    with listing([{"id": "real"}]) as url:
        assert fingerprint(url)["base_url"] == url


def test_while_a_server_is_down_its_last_known_weights_count(cache):
    with listing([VLLM]) as url:
        known = fingerprint(url)
    start = time.monotonic()
    assert fingerprint(url, wait_seconds=60) == known
    assert time.monotonic() - start < 30


def test_weights_that_change_under_a_job_end_it_once(cache):
    with listing([VLLM]) as url:
        fingerprint(url)
    port = int(url.split(":")[2].split("/")[0])
    changed = options(url, model="real", api_key_env=None)
    assert changed.fingerprint()["weights"] == {"root": "/m/real"}
    with listing([VLLM | {"root": "/m/new"}], port):
        with pytest.raises(InputError, match="now serves other weights"), changed.open(0, {}):
            pass
        assert changed.fingerprint()["weights"] == {"root": "/m/new"}
        with changed.open(0, {}):
            pass


def test_a_model_that_is_not_listed_is_refused():
    with listing([ROW]) as url, pytest.raises(InputError, match="serves real; name that"):
        served_there(url, "qwen3-8b", None, 5)


def test_a_gateway_may_have_more_than_it_lists():
    with listing([{"id": "a", "owned_by": "someone"}]) as url:
        assert served_there(url, "b", None, 5) == {}
    with listing([]) as url:
        assert served_there(url, "b", None, 5) == {}


def test_a_server_that_loads_is_waited_for():
    with listing([ROW], loading_seconds=0.5) as url:
        assert served_there(url, "real", None, 10)["meta"] == {"n_params": 5}


def test_a_server_that_starts_later_is_waited_for():
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    found = {}
    url = f"http://127.0.0.1:{port}/v1"
    waiting = threading.Thread(target=lambda: found.update(served_there(url, "real", None, 20)))
    waiting.start()
    time.sleep(0.3)
    with listing([ROW], port):
        waiting.join()
    assert found["model_path"] == "/m/real.gguf"


def test_a_server_that_cuts_the_connection_runs_and_has_no_list():
    with socket.create_server(("127.0.0.1", 0)) as held:
        cut = threading.Thread(target=lambda: held.accept()[0].close())
        cut.start()
        url = f"http://127.0.0.1:{held.getsockname()[1]}/v1"
        start = time.monotonic()
        assert served_there(url, "m", None, 60) == {}
        assert time.monotonic() - start < 30
        cut.join()


def test_the_wait_has_an_end():
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    assert served_there(f"http://localhost:{port}/v1", "m", None, 0.1) == {}
    start = time.monotonic()
    assert served_there(f"http://localhost:{port}/v1", "m", None, 60) == {}
    assert time.monotonic() - start < 30


def test_names_of_this_machine_ask_once():
    urls = [f"http://{host}:8000/v1" for host in ("localhost", "127.0.0.1", "[::1]")]
    first, *others = [options(url).fingerprint() for url in urls]
    assert others == [first, first]
    assert options("http://localhost:8001/v1").fingerprint() != first
