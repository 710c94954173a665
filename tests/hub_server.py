"""A stand-in for a model hub on loopback: what the client asks for a repository of small files."""

import hashlib
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Hub:
    """One repository at one commit; `asked` are the requests, in order."""

    def __init__(self, model, commit, folder, kind="models"):
        self.model, self.commit, self.kind = model, commit, kind
        files = [path for path in folder.rglob("*") if path.is_file()]
        self.files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
        self.asked = []

    def reply(self, path):
        """Body and headers of a path; None where there is nothing."""
        api = f"/api/{self.kind}/{self.model}"
        home = f"/{self.model}" if self.kind == "models" else f"/{self.kind}/{self.model}"
        if path in (api, f"{api}/revision/main"):
            siblings = [{"rfilename": name} for name in sorted(self.files)]
            facts = {
                "id": self.model,
                "modelId": self.model,
                "sha": self.commit,
                "siblings": siblings,
            }
            return json.dumps(facts).encode(), {"Content-Type": "application/json"}
        for revision in ("main", self.commit):
            name = path.removeprefix(f"{home}/resolve/{revision}/")
            if name in self.files:
                body = self.files[name]
                etag = hashlib.sha256(body).hexdigest()
                return body, {"ETag": f'"{etag}"', "X-Repo-Commit": self.commit}
            tree = f"{api}/tree/{revision}"
            if path == tree:
                rows = [
                    {"type": "file", "path": n, "size": len(b), "oid": hashlib.sha1(b).hexdigest()}
                    for n, b in self.files.items()
                ]
                return json.dumps(rows).encode(), {"Content-Type": "application/json"}
        return None


@contextmanager
def serving(hub):
    """The hub's address, for the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.answer(False)

        def do_GET(self):
            self.answer(True)

        def answer(self, with_body):
            hub.asked.append(self.path)
            found = hub.reply(self.path.split("?")[0])
            body, headers = found or (b"{}", {"X-Error-Code": "RepoNotFound"})
            self.send_response(200 if found else 404)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if with_body:
                self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
