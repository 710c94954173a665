"""A small server in OpenAI's form, as an engine of the `served` provider may be. A program.

It answers with the last word of the prompt. Its arguments select a fault.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("--name")
    parser.add_argument("--load-seconds", type=float, default=0)
    parser.add_argument("--die-after", help="answers, then it is killed: a number or a file")
    parser.add_argument("--text", help="what it answers")
    parser.add_argument("--slow", type=float, default=0, help="seconds of each answer")
    parser.add_argument("--stubborn", action="store_true", help="SIGTERM does not end it")
    parser.add_argument("--pids", help="a file that gets its process id, and its child's")
    parser.add_argument("--bodies", help="a file that gets all requests")
    return parser.parse_args()


def lives(number):
    """How many answers it gives."""
    if number is None:
        return sys.maxsize
    return int(number if number.isdigit() else Path(number).read_text())


def child():
    """A process in its own session that SIGTERM does not end, like workers of engines."""
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    return subprocess.Popen([sys.executable, "-c", code], start_new_session=True)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if time.monotonic() < self.server.ready_at:
            self.say(503, {"error": {"message": "Loading model", "code": 503}})
        elif self.path == "/v1/models":
            self.say(200, {"object": "list", "data": [{"id": given.name, "root": "weights"}]})
        elif self.path == "/health":
            self.say(200, {"status": "ok"})
        else:
            self.say(404, {})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.server.lock:
            self.server.answered += 1
            if self.server.answered > self.server.lives:
                print("RuntimeError: CUDA out of memory", flush=True)
                os.kill(os.getpid(), signal.SIGKILL)
            if given.bodies:
                with open(given.bodies, "a") as out:
                    print(json.dumps(body), file=out)
        time.sleep(given.slow)
        if self.path == "/v1/embeddings":
            rows = [
                {"index": n, "embedding": [len(text), text.count("a")]}
                for n, text in enumerate(body["input"])
            ]
            self.say(200, {"object": "list", "model": body["model"], "data": rows})
            return
        text = given.text or body["messages"][-1]["content"].split()[-1]
        choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}
        self.say(200, {"model": body["model"], "choices": [choice], "usage": usage})

    def say(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    given = arguments()
    if given.stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    server = ThreadingHTTPServer(("127.0.0.1", given.port), Handler)
    server.lock, server.answered, server.lives = threading.Lock(), 0, lives(given.die_after)
    server.ready_at = time.monotonic() + given.load_seconds
    if given.pids:
        with open(given.pids, "w") as out:
            print(os.getpid(), child().pid, file=out)
    print("serving", flush=True)
    server.serve_forever()
