"""A read-only server of one folder, for this machine only: GET and HEAD."""

from __future__ import annotations

import errno
import logging
import re
import sys
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from modellab.core.errors import InputError

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
FIRST_PORT, LAST_PORT = 7860, 7870
#: types that a browser shows; others are saved
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".csv": "text/csv; charset=utf-8",
    **dict.fromkeys(
        (".md", ".tex", ".txt", ".log", ".json", ".jsonl"), "text/plain; charset=utf-8"
    ),
}
_OF_REPORTS = "default-src 'none'; script-src 'self'; style-src 'self'"
_OF_OTHERS = "default-src 'none'; style-src 'unsafe-inline'"
_OF_ALL = "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

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


class _Handler(SimpleHTTPRequestHandler):
    server_version, sys_version = "modellab", ""
    error_message_format, error_content_type = "%(message)s\n", "text/plain; charset=utf-8"
    #: seconds until an idle connection is closed
    timeout = 30
    _policy = _OF_OTHERS

    def __init__(self, *args: object, root: Path, index: MakeIndex) -> None:
        self._root, self._index = root, index
        super().__init__(*args, directory=str(root))  # type: ignore[arg-type]

    def send_head(self) -> BinaryIO | None:
        """The headers of a reply; its content, if there is any."""
        if not self._is_ours():
            # DNS rebinding: another name that resolves to this machine
            said = "This server answers to 127.0.0.1 only."
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST, said)
            return None
        return self._first_page() if _path_of(self.path) == "/" else super().send_head()

    def translate_path(self, path: str) -> str:
        """The file of a target, or its folder if that has a page; else the name of no file."""
        target = _path_of(path)
        found = file_at(self._root, target)
        if page := file_at(self._root, f"{target.rstrip('/')}/index.html"):
            found = page if target.endswith("/") else page.parent
        if found and found.name == "index.html" and found.parent.name == "report":
            self._policy = _OF_REPORTS
        return str(found or "")

    def guess_type(self, path: object) -> str:
        """By the ending alone: no other type that a browser might run."""
        return _TYPES.get(Path(str(path)).suffix.lower(), "application/octet-stream")

    def end_headers(self) -> None:
        """Add what keeps a reply in its place."""
        headers = {**_HEADERS, "Content-Security-Policy": f"{self._policy}; {_OF_ALL}"}
        for name, value in headers.items():
            self.send_header(name, value)
        super().end_headers()

    def _is_ours(self) -> bool:
        """Whether the request names this server by a host that only this machine has."""
        port = self.server.server_port  # type: ignore[attr-defined]
        hosts = self.headers.get_all("Host") or []
        return len(hosts) == 1 and hosts[0].lower() in {f"{HOST}:{port}", f"localhost:{port}"}

    def _first_page(self) -> BinaryIO | None:
        try:
            content = self._index().encode()
        except Exception:
            # the browser learns that it failed, the terminal why
            log.exception("the first page cannot be made")
            said = "The page cannot be made; the terminal of the server says why."
            self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR, said)
            return None
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", _TYPES[".html"])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return BytesIO(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Requests are logged for debugging only."""
        log.debug(format, *args)


def file_at(root: Path, target: str) -> Path | None:
    """The regular file of a request's target; None for anything else.

    Refused are hidden names, `..`, unprintable characters and links that lead out of the folder.
    The target is decoded once, as a browser encodes it.
    """
    try:
        parts = unquote(target, errors="strict").split("/")
        if parts.pop(0) or not all(map(_is_plain, parts)):
            return None
        real, inside = root.joinpath(*parts).resolve(strict=True), root.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return None
    # a link may lead to a hidden file of the folder
    shown = real.is_relative_to(inside) and all(map(_is_plain, real.relative_to(inside).parts))
    return real if shown and real.is_file() else None


def _path_of(target: str) -> str:
    """A target without its query."""
    return re.split("[?#]", target, maxsplit=1)[0]


def _is_plain(name: str) -> bool:
    return bool(name) and name.isprintable() and not name.startswith(".") and "\\" not in name
