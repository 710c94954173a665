"""An Ollama server: the names of its models, those on its disk, those in its memory."""

from __future__ import annotations

import getpass
import logging
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Self

import httpx
from filelock import FileLock, Timeout
from ollama import Client, ListResponse, ProcessResponse, ResponseError, ShowResponse

from modellab.core.errors import InputError
from modellab.core.fingerprint import digest
from modellab.core.loopback import past_proxies
from modellab.core.progress import PROGRESS

log = logging.getLogger(__name__)
progress = logging.getLogger(PROGRESS)

#: errors of the client for a malformed reply
MALFORMED = (ValueError, TypeError, AttributeError)
#: how long a model stays in memory after its last request if nobody unloads it, as after a kill
KEEP_ALIVE_SECONDS = 600
#: the longest wait for a reply about models (not an answer of one)
_QUICK_SECONDS = 30.0
_FIRST_POLL_SECONDS = 0.05
_LONGEST_POLL_SECONDS = 1.0
_PROGRESS_SECONDS = 5.0
_NOT_FOUND = 404
#: the highest number of models in a message
_LISTED = 5


class Server:
    """A typed layer over the official client. Names of models may leave out the tag `:latest`.

    Every method raises InputError when the server cannot be reached, refuses, or does not answer
    as an Ollama server does.
    """

    def __init__(
        self, url: str, load_timeout_seconds: float = 900, answer_timeout_seconds: float = 600
    ) -> None:
        self.url = url
        self._load_timeout = load_timeout_seconds
        self._answer_timeout = answer_timeout_seconds
        self._stack = ExitStack()
        past_proxies()
        with self._asking():
            self._quick = self._stack.enter_context(Client(url, timeout=_QUICK_SECONDS))
            self._patient = self._stack.enter_context(Client(url, timeout=load_timeout_seconds))
            self._answering = self._stack.enter_context(Client(url, timeout=answer_timeout_seconds))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def version(self) -> str:
        with self._asking():
            # the client has no public call for this, and does not type the one below
            reply: Any = self._quick._request_raw("GET", "/api/version")
            return str(reply.json().get("version", "unknown"))

    def tags(self) -> Sequence[ListResponse.Model]:
        """The models on the server's disk."""
        with self._asking():
            found: Sequence[ListResponse.Model] = self._quick.list().models
        return found

    def ps(self) -> Sequence[ProcessResponse.Model]:
        """The models in the server's memory."""
        with self._asking():
            found: Sequence[ProcessResponse.Model] = self._quick.ps().models
        return found

    def show(self, model: str) -> ShowResponse:
        with self._asking():
            found: ShowResponse = self._quick.show(model)
        return found

    def load(self, model: str, runner: Mapping[str, Any], embedding: bool = False) -> None:
        """Bring a model into memory and wait until it is there.

        `runner` holds the options that a model is loaded with (num_ctx). An embedding model is
        loaded by an empty embedding, as it generates nothing.
        """
        with self._asking(patience=self._load_timeout):
            if embedding:
                self._patient.embed(model, "", options=runner, keep_alive=KEEP_ALIVE_SECONDS)
            else:
                self._patient.generate(model, options=runner, keep_alive=KEEP_ALIVE_SECONDS)

    def embed(
        self, model: str, texts: Sequence[str], runner: Mapping[str, Any]
    ) -> Sequence[Sequence[float]]:
        """One vector per text. A text that is longer than the context is refused, never cut."""
        with self._asking(patience=self._answer_timeout):
            reply = self._answering.embed(
                model, list(texts), truncate=False, options=runner, keep_alive=KEEP_ALIVE_SECONDS
            )
        vectors: Sequence[Sequence[float]] = reply.embeddings
        return vectors

    def unload(self, model: str, wait_seconds: float) -> bool:
        """Unload a model; whether it was gone within `wait_seconds`.

        Works for embedding models too. Requests that run on the model are finished first.
        """
        with self._asking():
            try:
                self._quick.generate(model, keep_alive=0)
            except ResponseError as error:
                # deleted from the disk, but maybe still in memory
                if error.status_code != _NOT_FOUND:
                    raise
        end = time.monotonic() + wait_seconds
        pause = _FIRST_POLL_SECONDS
        while any(is_same(other.model or other.name or "", model) for other in self.ps()):
            left = end - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(pause, left))
            pause = min(2 * pause, _LONGEST_POLL_SECONDS)
        return True

    def pull(self, model: str) -> None:
        """Have the server download a model; logs how far it is."""
        progress.info("%s: pulling %s", self.url, model)
        with self._asking():
            last = time.monotonic()
            for step in self._patient.pull(model, stream=True):
                if time.monotonic() - last >= _PROGRESS_SECONDS:
                    done, mib = 100 * (step.completed or 0), (step.total or 0) / 2**20
                    share = f": {done / step.total:.0f} % of {mib:.0f} MiB" if step.total else ""
                    progress.info("pulling %s: %s%s", model, step.status or "", share)
                    last = time.monotonic()
        progress.info("%s: pulled %s", self.url, model)

    @contextmanager
    def _asking(self, patience: float = _QUICK_SECONDS) -> Iterator[None]:
        """Turns errors of the client into an InputError with the server's address."""
        try:
            yield
        except ResponseError as error:
            raise InputError(
                f"{self.url}: the Ollama server says: {one_line(error.error)}"
            ) from error
        except httpx.ReadTimeout as error:
            raise InputError(f"{self.url}: no answer within {patience:g} s") from error
        except (ConnectionError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise InputError(
                f"{self.url}: no Ollama server can be reached there ({one_line(error)}); start it "
                "with `ollama serve`, or set `base_url` to where it is"
            ) from error
        except MALFORMED as error:
            raise InputError(
                f"{self.url}: what answers there is not an Ollama server ({one_line(error)})"
            ) from error


def quantization(model: ListResponse.Model) -> str | None:
    return (model.details and model.details.quantization_level) or None


def one_line(error: object) -> str:
    """The text of an exception without line breaks; its class if it has none."""
    return " ".join(str(error).split()) or type(error).__name__


@contextmanager
def server_turn(url: str) -> Iterator[None]:
    """Wait until no other job of this user on this machine uses the server at `url`.

    A job that is killed gives its turn back with its end.
    """
    folder = Path(tempfile.gettempdir()) / f"modellab-{getpass.getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    turn = FileLock(folder / f"ollama-{digest(url)[:16]}.lock")
    try:
        turn.acquire(timeout=0)
    except Timeout:
        log.warning("%s: waiting until another job is done with this server", url)
        turn.acquire()
    try:
        yield
    finally:
        turn.release()


def full_name(name: str) -> str:
    """The name with its implicit tag `:latest` written out, and its host in lower case.

    `qwen3` and `qwen3:latest` are one model; `qwen3:4b` and `qwen3:8b` are two, and so are
    `hf.co/a/model:Q4` and `a/model:Q4`.
    """
    *folders, model = name.strip().split("/")
    if len(folders) > 1:
        folders[0] = folders[0].lower()
    if ":" not in model:
        model += ":latest"
    return "/".join((*folders, model))


def is_same(name: str, other: str) -> bool:
    """Whether two names are one model on the server."""
    return full_name(name) == full_name(other)


def close_names(name: str, names: Sequence[str]) -> list[str]:
    """Up to five of `names` that are similar to `name`: other tags of the model first."""

    def family(name: str) -> str:
        return full_name(name).rpartition(":")[0].rpartition("/")[2]

    relatives = sorted(other for other in names if family(other) == family(name))
    similar = get_close_matches(full_name(name), names, n=_LISTED)
    return list(dict.fromkeys([*relatives, *similar]))[:_LISTED]
