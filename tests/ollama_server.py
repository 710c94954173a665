"""A loopback server that behaves as the description of Ollama's REST API says.

Real sockets and threads, no model: an answer is a digest of what was asked. A model is loaded by
its first request and stays in memory until its `keep_alive` has passed or a request unloads it.
Every request is kept in `requests`; `faults` go wrong one by one, in order, on chat requests.
"""

import hashlib
import json
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ollama_state import FakeOllama, Seen, Spec, keep_alive_seconds, tagged

TEMPLATE_TOKENS = 4

__all__ = ["FakeOllama", "Spec", "serving"]


def now():
    return datetime.now(UTC).isoformat()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    ollama: FakeOllama

    def log_message(self, *args):
        """Quiet."""

    def do_GET(self):
        self._handle()

    def do_POST(self):
        self._handle()

    def _handle(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        if self.ollama.dead:
            self.close_connection = True
            return
        with self.ollama.lock:
            self.ollama.requests.append(Seen(self.command, self.path, body))
        route = getattr(self, "_" + self.path.rsplit("/", 1)[-1], None)
        if route is None or not self.path.startswith("/api/"):
            self._error(404, "404 page not found")
        else:
            route(body)

    def _version(self, body):
        self._json({"version": "0.40.12"})

    def _tags(self, body):
        models = [
            {
                "name": spec.name,
                "model": spec.name,
                "modified_at": now(),
                "size": 2_500_000_000,
                "digest": spec.digest,
                "details": spec.details(),
            }
            for spec in self.ollama.specs
        ]
        self._json({"models": models})

    def _ps(self, body):
        self.ollama.resident()
        with self.ollama.lock:
            runners = dict(self.ollama.runners)
        models = [
            {
                "name": name,
                "model": name,
                "size": 3_000_000_000,
                "digest": runner.spec.digest,
                "details": runner.spec.details(),
                "expires_at": expiry(runner),
                "size_vram": 2_000_000_000,
                "context_length": runner.context,
            }
            for name, runner in runners.items()
        ]
        self._json({"models": models})

    def _show(self, body):
        spec = self._known(body)
        if spec:
            info = {"general.architecture": "qwen3", "qwen3.context_length": spec.longest_context}
            self._json(
                {
                    "modelfile": f"FROM {spec.name}",
                    "parameters": spec.parameters,
                    "template": "{{ .Prompt }}",
                    "details": spec.details(),
                    "model_info": info,
                    "capabilities": list(spec.capabilities),
                    "modified_at": now(),
                }
            )

    def _generate(self, body):
        spec = self._known(body)
        if not spec:
            return
        empty = {"model": body["model"], "created_at": now(), "response": "", "done": True}
        if not body.get("prompt") and keep_alive_seconds(body.get("keep_alive")) == 0:
            self.ollama.unload(spec.name)
            self._json({**empty, "done_reason": "unload"})
        elif "completion" not in spec.capabilities:
            self._error(400, f'"{spec.name}" does not support generate')
        elif self._loaded(spec, body) is not None:
            self._json({**empty, "done_reason": "load"})

    def _embed(self, body):
        spec = self._known(body)
        if spec and self._loaded(spec, body) is not None:
            texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
            vectors = [[float(len(text)), 1.0] for text in texts if text]
            self._json({"model": body["model"], "embeddings": vectors})

    def _chat(self, body):
        spec = self._known(body)
        if not spec:
            return
        empty = {"model": body["model"], "message": {"role": "assistant", "content": ""}}
        if not body.get("messages") and keep_alive_seconds(body.get("keep_alive")) == 0:
            self.ollama.unload(spec.name)
            self._json({**empty, "created_at": now(), "done_reason": "unload", "done": True})
            return
        with self.ollama.lock:
            fault = self.ollama.faults.pop(0) if self.ollama.faults else None
        if fault is not None and self._goes_wrong(fault):
            return
        start = time.monotonic()
        load = self._loaded(spec, body)
        if load is not None:
            with counted(self.ollama):
                time.sleep(self.ollama.chat_seconds)
            self._answer(spec, body, start, load)

    def _answer(self, spec, body, start, load):
        options = body.get("options") or {}
        with self.ollama.lock:
            context = self.ollama.runners[spec.name].context
        text = self.ollama.reply(body) if self.ollama.reply else plain_reply(body)
        prompt = " ".join(message["content"] for message in body["messages"]).split()
        limit = options.get("num_predict", -1)
        spoken = text.split() if limit < 0 else text.split()[:limit]
        message = {"role": "assistant", "content": " ".join(spoken)}
        if "thinking" in spec.capabilities and body.get("think") is not False:
            message["thinking"] = "let me see"
        total = time.monotonic() - start
        counts = {
            "done": True,
            "done_reason": "length" if len(spoken) < len(text.split()) else "stop",
            "total_duration": int(total * 1e9),
            "load_duration": int(load * 1e9),
            "prompt_eval_count": min(len(prompt) + TEMPLATE_TOKENS, context),
            "prompt_eval_duration": int(total * 2e8),
            "eval_count": len(spoken),
            "eval_duration": int(total * 8e8),
        }
        head = {"model": body["model"], "created_at": now()}
        if body.get("stream", True):
            self._lines(
                [
                    {**head, "message": message, "done": False},
                    {**head, **counts, "message": {"role": "assistant", "content": ""}},
                ]
            )
        else:
            self._json({**head, "message": message, **counts})

    def _pull(self, body):
        spec = next((s for s in self.ollama.registry if s.name == tagged(body["model"])), None)
        lines = [{"status": "pulling manifest"}]
        if spec is None:
            lines.append({"error": "pull model manifest: file does not exist"})
        else:
            size = 2_500_000_000
            layer = {"status": f"pulling {spec.digest[:12]}", "digest": spec.digest, "total": size}
            lines += [layer, {**layer, "completed": size // 2}, {**layer, "completed": size}]
            lines += [{"status": "verifying sha256 digest"}, {"status": "success"}]
            self.ollama.specs.append(spec)
        self._lines(lines)

    def _known(self, body):
        spec = self.ollama.find(body.get("model", ""))
        if spec is None:
            self._error(404, f"model '{body.get('model')}' not found")
        return spec

    def _loaded(self, spec, body):
        """Seconds that loading took; None if it failed, which is answered here."""
        if self.ollama.load_error:
            self._error(500, self.ollama.load_error)
            return None
        context = (body.get("options") or {}).get("num_ctx")
        return self.ollama.load(spec.name, context, body.get("keep_alive"))

    def _goes_wrong(self, fault):
        """Answers with a fault; False where the right answer follows."""
        if callable(fault):
            fault(self.ollama)
            return False
        if isinstance(fault, int):
            self._error(fault, f"trouble {fault}")
        elif isinstance(fault, tuple):
            self._error(*fault)
        elif isinstance(fault, float):
            time.sleep(fault)
            return False
        elif fault == "cut":
            self._head(200, 1000)
            self.wfile.write(b'{"model": "x", "mess')
            self.close_connection = True
        else:
            self._raw(200, fault.encode())
        return True

    def _json(self, data):
        self._raw(200, json.dumps(data).encode())

    def _error(self, status, text):
        self._raw(status, json.dumps({"error": text}).encode())

    def _raw(self, status, data):
        self._head(status, len(data))
        self.wfile.write(data)

    def _head(self, status, length):
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _lines(self, lines):
        self._raw(200, "".join(json.dumps(line) + "\n" for line in lines).encode())


def plain_reply(body):
    """The same for the same messages and decoding."""
    cache_key_fields = [body["messages"], body.get("options"), body.get("format")]
    return f"answer {hashlib.sha256(json.dumps(cache_key_fields).encode()).hexdigest()[:12]}"


def expiry(runner):
    left = min(runner.expires - time.monotonic(), 1e8)
    return (datetime.now(UTC) + timedelta(seconds=left)).isoformat()


@contextmanager
def counted(ollama):
    with ollama.lock:
        ollama.chats += 1
        ollama.most_chats = max(ollama.most_chats, ollama.chats)
    try:
        yield
    finally:
        with ollama.lock:
            ollama.chats -= 1


@contextmanager
def serving(*specs):
    """A server with these models on its disk; `url` says where."""
    ollama = FakeOllama(list(specs))
    handler = type("Bound", (Handler,), {"ollama": ollama})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    ollama.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield ollama
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
