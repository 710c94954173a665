"""Batches as OpenAI and Anthropic document them, on loopback; chat requests are answered too."""

import json
import threading
import time
from contextlib import contextmanager
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def chat(text, cached=0):
    return {
        "model": "m",
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": 100,
            "completion_tokens": 10,
            "prompt_tokens_details": {"cached_tokens": cached},
        },
    }


class BatchServer:
    """What it was sent, and how its batches go on.

    Attributes:
        course: The states of a batch, one at each look; the last one stays.
        answered: Of these custom ids a batch has answers; None: of all.
        lost_reply: The next creation of a batch succeeds, but its reply is cut off.
    """

    def __init__(self, course, answered=None, errors=()):
        self.course, self.answered, self.errors = list(course), answered, list(errors)
        self.files, self.batches, self.looks = {}, {}, {}
        self.chats, self.paths = [], []
        self.lost_reply = False

    def lines(self, batch):
        return self.files[self.batches[batch]["input_file_id"]]

    def create(self, name, body):
        count = len(self.batches) + 1
        batch = {"id": f"{name}_{count}", "created_at": int(time.time()), **body}
        self.batches[batch["id"]] = batch
        return batch

    def state(self, batch):
        looks = self.looks[batch] = self.looks.get(batch, 0) + 1
        return self.course[min(looks, len(self.course)) - 1]

    # OpenAI

    def openai_batch(self, name, state=None):
        batch = self.batches[name]
        state = state or self.state(name)
        lines = self.lines(name)
        done = [line for line in lines if self._has(line)] if state != "failed" else []
        ended = state in ("completed", "expired", "cancelled")
        if ended:
            self.files[f"out_{name}"] = [
                {
                    "id": "r",
                    "custom_id": line["custom_id"],
                    "response": {"status_code": 200, "body": chat(f"batch {name}")},
                    "error": None,
                }
                for line in done
            ]
            rest = [line for line in lines if line not in done]
            error = {"code": f"batch_{state}", "message": "This request could not be executed."}
            self.files[f"err_{name}"] = [
                {"id": "r", "custom_id": line["custom_id"], "response": None, "error": error}
                for line in rest
            ]
        return {
            "object": "batch",
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            **batch,
            "status": state,
            "output_file_id": f"out_{name}" if ended and done else None,
            "error_file_id": f"err_{name}" if ended and len(done) < len(lines) else None,
            "request_counts": {"total": len(lines), "completed": len(done), "failed": 0},
            "errors": {"object": "list", "data": self.errors} if state == "failed" else None,
        }

    # Anthropic

    def anthropic_batch(self, name, state=None):
        batch, state = self.batches[name], state or self.state(name)
        total = len(batch["requests"])
        ended = state == "ended"
        done = sum(map(self._has, batch["requests"])) if ended else 0
        return {
            "id": name,
            "type": "message_batch",
            "processing_status": state,
            "created_at": "2099-01-01T00:00:00.000000+00:00",
            "request_counts": {
                "processing": 0 if ended else total,
                "succeeded": done,
                "errored": 0,
                "canceled": 0,
                "expired": total - done if ended else 0,
            },
        }

    def anthropic_results(self, name):
        for line in self.batches[name]["requests"]:
            message = {
                "model": "claude",
                "content": [{"type": "text", "text": f"batch {name}"}],
                "stop_reason": "end_turn",
                "usage": {
                    "input_tokens": 60,
                    "output_tokens": 10,
                    "cache_read_input_tokens": 40,
                },
            }
            result = {"type": "succeeded", "message": message}
            yield {
                "custom_id": line["custom_id"],
                "result": result if self._has(line) else {"type": "expired"},
            }

    def _has(self, line):
        return self.answered is None or line["custom_id"] in self.answered


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_state: BatchServer

    def log_message(self, *_):
        pass

    def do_POST(self):
        state, data = self.server_state, self.rfile.read(int(self.headers["content-length"]))
        state.paths.append(self.path)
        if self.path == "/v1/files":
            name = f"file_{len(state.files) + 1}"
            state.files[name] = [json.loads(line) for line in self.uploaded(data).splitlines()]
            self.say({"id": name, "object": "file"})
        elif self.path == "/v1/batches":
            self.created(state.create("batch", json.loads(data)), state.openai_batch)
        elif self.path == "/v1/messages/batches":
            self.created(state.create("msgbatch", json.loads(data)), state.anthropic_batch)
        elif self.path == "/v1/messages":
            state.chats.append(json.loads(data))
            usage = {"input_tokens": 100, "output_tokens": 10}
            content = [{"type": "text", "text": "row"}]
            about = {"id": "x", "type": "message", "role": "assistant", "model": "claude"}
            self.say({**about, "content": content, "stop_reason": "end_turn", "usage": usage})
        else:
            state.chats.append(json.loads(data))
            self.say(chat("row"))

    def do_GET(self):
        state, parts = self.server_state, self.path.partition("?")[0].strip("/").split("/")[1:]
        state.paths.append(self.path)
        if parts[0] == "files":
            self.lines(state.files[parts[1]])
        elif parts == ["batches"]:
            rows = [state.openai_batch(name, "in_progress") for name in reversed(state.batches)]
            self.say({"object": "list", "data": rows, "has_more": False})
        elif parts == ["messages", "batches"]:
            rows = [state.anthropic_batch(name, "in_progress") for name in state.batches]
            self.say({"data": rows, "has_more": False})
        elif parts[-1] == "results":
            self.lines(list(state.anthropic_results(parts[-2])))
        elif parts[-1] in state.batches:
            show = state.anthropic_batch if parts[0] == "messages" else state.openai_batch
            self.say(show(parts[-1]))
        else:
            self.say({"error": {"message": "no such thing", "code": "not_found"}}, 404)

    def created(self, batch, show):
        if self.server_state.lost_reply:
            self.server_state.lost_reply = False
            self.close_connection = True
            return
        self.say(show(batch["id"], "validating"))

    def uploaded(self, data):
        head = f"content-type: {self.headers['content-type']}\r\n\r\n".encode()
        parts = BytesParser().parsebytes(head + data).get_payload()
        return next(p.get_payload(decode=True) for p in parts if p.get_filename())

    def lines(self, rows):
        self.send("".join(f"{json.dumps(row)}\n" for row in rows).encode(), 200)

    def say(self, body, status=200):
        self.send(json.dumps(body).encode(), status)

    def send(self, data, status):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def serving_batches(course, answered=None, errors=()):
    """A running BatchServer; its `url` is the base URL."""
    state = BatchServer(course, answered, errors)
    handler = type("Bound", (Handler,), {"server_state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
