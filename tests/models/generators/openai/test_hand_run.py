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
from modellab.models.generators.openai.hand_run import served_there

ROW = {"id": "real", "owned_by": "llamacpp", "meta": {"n_params": 5}}
PROPS = {"model_path": "/m/real.gguf", "build_info": "b1", "other": 1}


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


def test_what_a_server_says_of_its_weights_is_kept():
    with listing([ROW]) as url:
        told = served_there(url, "real", None, 5)
    assert told == {"meta": {"n_params": 5}, "model_path": "/m/real.gguf", "build_info": "b1"}


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


def test_the_wait_has_an_end():
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    assert served_there(f"http://localhost:{port}/v1", "m", None, 0.1) == {}


def test_names_of_this_machine_ask_once():
    urls = [f"http://{host}:8000/v1" for host in ("localhost", "127.0.0.1", "[::1]")]
    first, *others = [options(url).fingerprint() for url in urls]
    assert others == [first, first]
    assert options("http://localhost:8001/v1").fingerprint() != first
