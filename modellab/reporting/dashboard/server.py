"""A read-only server of one folder, for this machine only: GET and HEAD."""

from __future__ import annotations

import errno
import logging
import os
import re
import stat
import sys
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, unquote

from modellab.core.errors import InputError


def file_at(root: Path, target: str) -> Path | None:
    """The regular file of a request's target; None for anything else.

    Refused are hidden names, `..`, unprintable characters and links that lead out of the folder.
    The target is decoded once, as a browser encodes it.
    """
    parts = _parts(target)
    if parts is None:
        return None
    try:
        real = root.joinpath(*parts).resolve(strict=True)
        inside = real.is_relative_to(root.resolve(strict=True))
    except (OSError, RuntimeError, ValueError):
        return None
    return real if inside and real.is_file() and not _is_hidden(real, root) else None


def folder_at(root: Path, target: str) -> bool:
    """Whether a target is a folder with a page."""
    return file_at(root, path_of(target).rstrip("/") + "/index.html") is not None


def path_of(target: str) -> str:
    """A target without its query."""
    return re.split("[?#]", target, maxsplit=1)[0]


def open_plain(path: Path) -> BinaryIO | None:
    """Open a file; None if it has become a link or anything but a regular file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    return os.fdopen(descriptor, "rb")


def _parts(target: str) -> list[str] | None:
    if not target.startswith("/"):
        return None
    try:
        path = unquote(path_of(target), errors="strict")
    except UnicodeDecodeError:
        return None
    parts = path[1:].split("/")
    return parts if all(map(_is_plain, parts)) else None


def _is_plain(name: str) -> bool:
    return bool(name) and name.isprintable() and not name.startswith(".") and "\\" not in name


def _is_hidden(real: Path, root: Path) -> bool:
    """A link may lead to a hidden file of the folder."""
    return any(part.startswith(".") for part in real.relative_to(root.resolve()).parts)


log = logging.getLogger(__name__)

HOST = "127.0.0.1"
FIRST_PORT, LAST_PORT = 7860, 7870
_BLOCK = 1 << 18
#: types that a browser shows; others are saved
_TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".csv": "text/csv",
    **dict.fromkeys((".md", ".tex", ".txt", ".log", ".json", ".jsonl"), "text/plain"),
}
_TEXTS = ("text/", "image/svg")
_OF_REPORTS = "default-src 'none'; script-src 'self'; style-src 'self'"
_OF_OTHERS = "default-src 'none'; style-src 'unsafe-inline'"
_OF_ALL = "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

#: gives the first page
MakeIndex = Callable[[], str]


def make_server(
    root: Path, index: MakeIndex, first: int = FIRST_PORT, last: int = LAST_PORT
) -> ThreadingHTTPServer:
    """A server on the first free port of the range; `serve_forever` runs it.

    Raises InputError if all of them are taken, or one must not be used.
    """
    for port in range(first, last + 1):
        try:
            return _Server((HOST, port), partial(_Handler, root=root, index=index))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                said = f"port {port} cannot be used on {HOST}: {error.strerror}"
                raise InputError(f"{said}; name another with --port") from None
            log.info("port %d: %s", port, error.strerror)
    ports = f"port {first} is" if first == last else f"ports {first} to {last} are"
    raise InputError(f"{ports} taken on {HOST}; stop what uses them, or name another with --port")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Log everything but a browser that closes its connection."""
        gone = isinstance(sys.exception(), ConnectionError | TimeoutError)
        level = logging.DEBUG if gone else logging.ERROR
        log.log(level, "a request from %s failed", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "modellab", ""
    #: seconds until an idle connection is closed
    timeout = 30

    def __init__(self, *args: object, root: Path, index: MakeIndex) -> None:
        self._root, self._index = root, index
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer with a file of the folder, or the first page."""
        if self.headers.get("Content-Length") or self.headers.get("Transfer-Encoding"):
            # an unread body would be taken for the next request
            self.close_connection = True
        if not self._is_ours():
            # DNS rebinding: another name that resolves to this machine
            self._say(HTTPStatus.MISDIRECTED_REQUEST, "This server answers to 127.0.0.1 only.")
        elif path_of(self.path) == "/":
            self._first_page()
        elif folder_at(self._root, self.path):
            self._folder()
        else:
            self._file(file_at(self._root, self.path))

    def do_HEAD(self) -> None:
        """GET without the content."""
        self.do_GET()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Called by the base class for unreadable requests and unknown methods."""
        self.close_connection = True
        if code == HTTPStatus.NOT_IMPLEMENTED:
            said = "Nothing can be changed here."
            self._say(HTTPStatus.METHOD_NOT_ALLOWED, said, Allow="GET, HEAD")
        else:
            self._say(HTTPStatus(code), "This is no request that a browser makes.")

    def _is_ours(self) -> bool:
        """Whether the request names this server by a host that only this machine has."""
        port = self.server.server_port  # type: ignore[attr-defined]
        hosts = self.headers.get_all("Host") or []
        return len(hosts) == 1 and hosts[0].lower() in {f"{HOST}:{port}", f"localhost:{port}"}

    def _first_page(self) -> None:
        try:
            text = self._index()
        except Exception:
            # the browser learns that it failed, the terminal why
            log.exception("the first page cannot be made")
            said = "The page cannot be made; the terminal of the server says why."
            self._say(HTTPStatus.INTERNAL_SERVER_ERROR, said)
        else:
            self._page(text)

    def _page(self, text: str) -> None:
        content = text.encode()
        self._send(HTTPStatus.OK, BytesIO(content), len(content), "text/html", _OF_OTHERS)

    def _folder(self) -> None:
        """The page of a folder has links relative to it, so its address ends with a slash."""
        path = path_of(self.path)
        if path.endswith("/"):
            self._file(file_at(self._root, f"{path}index.html"))
        else:
            name = quote(path.rsplit("/", 1)[1], safe="%")
            self._say(HTTPStatus.MOVED_PERMANENTLY, "", Location=f"{name}/")

    def _file(self, path: Path | None) -> None:
        handle = open_plain(path) if path else None
        if path is None or handle is None:
            self._say(HTTPStatus.NOT_FOUND, "There is no such file in the results.")
            return
        with handle:
            size = handle.seek(0, 2)
            handle.seek(0)
            kind = _TYPES.get(path.suffix.lower(), "application/octet-stream")
            report = path.parent.name == "report" and path.name == "index.html"
            self._send(HTTPStatus.OK, handle, size, kind, _OF_REPORTS if report else _OF_OTHERS)

    def _say(self, status: HTTPStatus, text: str, **headers: str) -> None:
        content = f"{text}\n".encode()
        self._send(status, BytesIO(content), len(content), "text/plain", _OF_OTHERS, **headers)

    def _send(
        self,
        status: HTTPStatus,
        content: BinaryIO,
        size: int,
        kind: str,
        policy: str,
        **headers: str,
    ) -> None:
        self.send_response(status)
        text = kind.startswith(_TEXTS)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if text else kind)
        self.send_header("Content-Length", str(size))
        if kind == "application/octet-stream":
            self.send_header("Content-Disposition", "attachment")
        self.send_header("Content-Security-Policy", f"{policy}; {_OF_ALL}")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        while self.command != "HEAD" and size > 0 and (part := content.read(min(size, _BLOCK))):
            # no more than announced: the file may be growing
            self.wfile.write(part)
            size -= len(part)
        if self.command != "HEAD" and size > 0:
            # the file has become shorter: the next response would be taken for its end
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Requests are logged for debugging only."""
        log.debug(format, *args)
