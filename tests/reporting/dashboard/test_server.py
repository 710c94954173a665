import os
import signal
import socket
import subprocess
import sys
from functools import partial

import httpx
import pytest
from browser import chromium, needs_browser
from cases import each
from reporting.dashboard.conftest import Client, served

from modellab.core.errors import InputError
from modellab.reporting.dashboard.page import index_page
from modellab.reporting.dashboard.server import make_server


def test_files_are_served_as_what_they_are(client):
    report = client.ask("/hostile/report/index.html")
    assert (report.status, report.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "<title>hostile - Model Lab</title>" in report.text
    table = client.ask("/hostile/leaderboard.csv?x=1#y")
    assert (table.status, table.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert client.ask("/hostile/plots/a%20b.svg").headers["Content-Type"].startswith("image/svg")
    lines = client.ask("/hostile/questions.jsonl")
    assert lines.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert client.ask("/data.bin").headers["Content-Type"] == "application/octet-stream"
    assert client.ask("/in.csv").text == table.text


def test_head_is_the_same_without_content(client):
    whole, head = (client.ask("/hostile/leaderboard.csv", method) for method in ("GET", "HEAD"))
    assert head.text == ""
    assert head.headers["Content-Length"] == whole.headers["Content-Length"] == str(len(whole.text))


@pytest.mark.parametrize("target", ["/", "/page.html", "/nothing", "/hostile/report/index.html"])
def test_every_reply_has_the_headers_that_keep_it_in_place(client, target):
    headers = client.ask(target).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert ("script-src" in policy) == target.startswith("/hostile/report")
    assert "Python" not in headers["Server"]


@each(
    "target",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/%252e%252e/secret.txt",
        "/hostile/../../secret.txt",
        "/hostile/..\\..\\secret.txt",
        "/..%5csecret.txt",
        "/../results-old/a.txt",
        "//etc/passwd",
        "///etc/passwd",
        "/%2fetc/passwd",
        "/etc/passwd",
        "/./hostile/leaderboard.csv",
        "/out",
        "/up/secret.txt",
        "/loop",
        "/git",
        "/.git/config",
        "/hostile/.hidden",
        "/hostile/%2ehidden",
        "/hostile/leaderboard.csv%00.html",
        "/hostile/leaderboard.csv/",
        "/hostile/leaderboard.csv%0a",
        "/hostile/%ff",
        "/hostile",
        "/hostile/",
        "/empty/",
        "http://127.0.0.1/hostile/leaderboard.csv",
        "http://[/x",
        "*",
        "hostile/leaderboard.csv",
        "/" + "a/" * 5000,
        "/" + "a" * 300,
    ],
)
def test_nothing_else_is_reachable(client, target):
    reply = client.ask(target)
    assert reply.status in (400, 404), reply.text
    assert "secret" not in reply.text
    assert "hidden" not in reply.text


def test_a_folder_with_a_page_leads_into_it(client):
    reply = client.ask("/hostile/report")
    assert (reply.status, reply.headers["Location"]) == (301, "/hostile/report/")
    assert client.ask("/hostile/report/").text == client.ask("/hostile/report/index.html").text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "MKCOL"])
def test_nothing_can_be_changed(client, root, method):
    before = sorted(root.rglob("*"))
    reply = client.ask("/hostile/leaderboard.csv", method)
    assert reply.status == 501
    assert sorted(root.rglob("*")) == before


def test_only_names_of_this_machine_are_answered(client):
    port = client.port
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"LocalHost:{port}"):
        assert client.ask("/", Host=host).status == 200
    evil = (f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}", f"127.0.0.1.x:{port}", "")
    for host in (*evil, None):
        reply = client.ask("/hostile/leaderboard.csv", Host=host)
        assert (reply.status, "good" in reply.text) == (421, False), host


def test_a_body_does_not_become_a_request(client):
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as sent:
        host = f"Host: 127.0.0.1:{client.port}\r\n"
        inner = f"GET /hostile/leaderboard.csv HTTP/1.1\r\n{host}\r\n"
        sent.sendall(
            f"GET / HTTP/1.1\r\n{host}Content-Length: {len(inner)}\r\n\r\n{inner}".encode()
        )
        said = b""
        while part := sent.recv(65536):
            said += part
    assert said.count(b"HTTP/1.0 200") == said.count(b"Server: modellab") == 1


def test_the_first_page_lists_what_is_there(client):
    text = client.ask("/").text
    assert '<a href="/hostile/report/index.html">Report</a>' in text
    assert '<a href="/hostile/report/index.html#questions">Questions</a>' in text
    assert "&lt;b&gt;good@bm25 is the only system (overall 0.667)" in text
    assert "leaderboard.csv" not in text  # the report is the one place that shows results
    assert "smoke/&lt;i&gt;quiz" in text
    assert "There is no report yet." in text
    assert "No run is in the registry of this folder." in text


def test_the_next_free_port_is_taken_and_none_is_reported(root):
    page = lambda: index_page(root)  # noqa: E731
    with make_server(root, page, 0, 0) as one:
        taken = one.server_port
        with make_server(root, page, taken, taken + 20) as other:
            assert other.server_port > taken
        with pytest.raises(InputError, match=f"port {taken} is taken on 127.0.0.1"):
            make_server(root, page, taken, taken)


def test_a_forbidden_port_is_not_reported_as_taken(root, monkeypatch):
    def refused(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("modellab.reporting.dashboard.server._Server", refused)
    with pytest.raises(
        InputError, match=r"port 80 cannot be used on 127\.0\.0\.1: Permission denied"
    ):
        make_server(root, str, 80, 80)


def test_a_page_that_cannot_be_made_is_reported_here_and_there(root, caplog):
    def broken():
        raise OSError("the folder has gone")

    with served(root, broken) as port:
        reply = Client(port).ask("/")
    assert (reply.status, reply.headers["Content-Type"]) == (500, "text/plain; charset=utf-8")
    assert "has gone" not in reply.text
    assert "the folder has gone" in caplog.text


def test_the_command_serves_and_ends(root):
    with make_server(root, lambda: "", 0, 0) as found:
        port = found.server_port
    script = "from modellab.workflow.cli.app import app; app()"
    options = ["--port", str(port), "--results", str(root)]
    command = [sys.executable, "-c", script, "dashboard", *options]
    # a test run in the background ignores SIGINT, and so would its children
    listens = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, preexec_fn=listens
    ) as running:
        said = running.stdout.readline()
        assert f"http://127.0.0.1:{port}/ shows {root}" in said
        reply = httpx.get(f"http://127.0.0.1:{port}/hostile/leaderboard.csv", trust_env=False)
        assert reply.status_code == 200
        os.kill(running.pid, signal.SIGINT)
        assert running.wait(20) == 0


def test_the_folder_must_be_there(tmp_path):
    from typer.testing import CliRunner

    from modellab.workflow.cli.app import app

    done = CliRunner().invoke(app, ["dashboard", "--results", str(tmp_path / "none")])
    assert done.exit_code == 1
    assert "no such folder; run snakemake first" in done.output


@pytest.mark.browser
@needs_browser
def test_a_browser_goes_from_the_list_to_an_answer(client, tmp_path):
    with chromium(tmp_path) as browser:
        browser.open(f"http://127.0.0.1:{client.port}/")
        browser.run("document.querySelector('a[href$=\"#questions\"]').click()")
        rows = "return document.querySelectorAll('#live-questions tbody tr').length"
        assert browser.wait(rows) == 3
        browser.run("document.querySelector('td.asked a').click()")
        assert browser.wait("return document.querySelectorAll('details.answer').length") == 2
        assert browser.complaints() == []
        ours = ("data:", "chrome:", "about:", f"http://127.0.0.1:{client.port}/")
        assert [address for address in browser.requests() if not address.startswith(ours)] == []
