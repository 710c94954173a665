"""A results folder behind a real server on loopback."""

import http.client
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
from reporting.page.conftest import make_report, scores, write_results

from modellab.core.io.csv_file import write_csv
from modellab.core.layout import QUESTIONS
from modellab.evaluation.compare.verdict import verdict_on, write_verdict
from modellab.reporting.dashboard.page import index_page
from modellab.reporting.dashboard.server import make_server


@contextmanager
def served(root, page=None):
    """A server that runs; gives its port."""
    with make_server(root, page or (lambda: index_page(root)), 0, 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


class Client:
    """Raw requests: no library normalises their paths."""

    def __init__(self, port):
        self.port = port

    def ask(self, target, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": f"127.0.0.1:{self.port}", **headers}.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders()
        reply = connection.getresponse()
        reply.text = reply.read().decode("utf-8", "replace")
        connection.close()
        return reply


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """`results/hostile` with a report, another dataset without, and things that are not shown."""
    outside = tmp_path_factory.mktemp("dashboard")
    root = outside / "results"
    write_results(root / "hostile")
    row = {"rank": 1, "model": "<b>good", "retriever": "bm25", "overall": 2 / 3}
    write_csv(root / "hostile" / "leaderboard.csv", list(row), [row])
    alone = verdict_on([replace(scores("good"), name="<b>good")])
    write_verdict(root / "hostile" / "verdict.json", alone)
    (root / "hostile" / "plots").mkdir()
    (root / "hostile" / "plots" / "a b.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    make_report(root / "hostile")
    questions = root / "smoke" / "<i>quiz" / QUESTIONS
    questions.parent.mkdir(parents=True)
    questions.write_text("{}\n")
    (root / "hostile" / ".hidden").write_text("hidden")
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("hidden")
    (root / "empty").mkdir()
    (outside / "secret.txt").write_text("secret")
    (outside / "results-old").mkdir()
    (outside / "results-old" / "a.txt").write_text("secret")
    (root / "out").symlink_to(outside / "secret.txt")
    (root / "up").symlink_to(outside)
    (root / "in.csv").symlink_to(root / "hostile" / "leaderboard.csv")
    (root / "git").symlink_to(root / ".git" / "config")
    (root / "loop").symlink_to(root / "loop")
    (root / "page.html").write_text("<script>alert(1)</script>")
    (root / "data.bin").write_bytes(b"\0\1")
    return root


@pytest.fixture(scope="module")
def client(root):
    with served(root) as port:
        yield Client(port)
