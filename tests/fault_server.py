"""An OpenAI-compatible server on loopback that goes wrong on demand, and keeps count."""

import json
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Play:
    """What the server does with one request: wait, then answer, or cut the connection."""

    status: int = 200
    body: object = None
    headers: dict = field(default_factory=dict)
    raw: bytes | None = None
    seconds: float = 0.0
    cut: str | None = None  # "before": no answer at all; "within": in the middle of one


def good(text="fine", prompt_tokens=10, completion_tokens=2, finish_reason="stop", **more):
    message = {"role": "assistant", "content": text}
    body = {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": (prompt_tokens or 0) + completion_tokens,
        },
    }
    if prompt_tokens is None:
        del body["usage"]
    return Play(body=body, **more)


def bad(status, message="it went wrong", code="some_code", headers=None):
    error = {"message": message, "type": "some_type", "code": code}
    return Play(status=status, body={"error": error}, headers=headers or {})


class FaultServer:
    """`play(body, number)` decides what happens to the request with this body and number."""

    def __init__(self, play):
        self.play = play
        self.bodies = []
        self.times = []
        self.headers = []
        self.active = 0
        self.highest = 0
        self.levels = []
        self.lock = threading.Lock()

    def begin(self, body, headers):
        with self.lock:
            self.bodies.append(body)
            self.headers.append(headers)
            self.times.append(time.monotonic())
            self.active += 1
            self.highest = max(self.highest, self.active)
            self.levels.append(self.active)
            return len(self.bodies) - 1

    def end(self):
        with self.lock:
            self.active -= 1


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    faults: FaultServer

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        number = self.faults.begin(body, {k.lower(): v for k, v in self.headers.items()})
        try:
            play = self.faults.play(body, number)
            time.sleep(play.seconds)
        finally:
            # before the answer leaves, or the next request could come before it is counted
            self.faults.end()
        self.respond(play)

    def respond(self, play):
        data = play.raw if play.raw is not None else json.dumps(play.body).encode()
        try:
            if play.cut:
                self.cut(play.cut == "within")
                return
            self.send_response(play.status)
            for name, value in {"content-type": "application/json", **play.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client has gone, as tests of timeouts do

    def cut(self, within):
        if within:
            head = (
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n{"
            )
            self.wfile.write(head)
            self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


@contextmanager
def serving(play):
    """A running FaultServer; its `url` is the base URL."""
    faults = FaultServer(play)
    server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"faults": faults}))
    faults.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield faults
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
