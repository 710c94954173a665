"""An Ollama server: its models, those in its memory, and the time that a model is there."""

import getpass
import logging
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Self

import httpx
from filelock import FileLock, Timeout
from ollama import Client, ListResponse, ProcessResponse, ResponseError, ShowResponse

from modellab.core.errors import InputError, one_line
from modellab.core.fingerprint import digest
from modellab.core.loopback import bypass_proxies
from modellab.core.progress import PROGRESS
from modellab.models.generators.ollama.options import OllamaServerOptions

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


class OllamaServer:
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
        bypass_proxies(url)
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


@contextmanager
def server_turn(url: str) -> Iterator[None]:
    """Wait until no other job of this user on this machine uses the server at `url`.

    A job that is killed releases it.
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


@dataclass(frozen=True)
class RunningModel:
    """The loaded model, as the server describes it."""

    quantization: str | None
    context_length: int | None
    reads_images: bool


class Residency:
    """Loads and unloads one model. `record` is for the run's record."""

    def __init__(
        self,
        server: OllamaServer,
        options: OllamaServerOptions,
        installed: ListResponse.Model,
        embedding: bool,
    ) -> None:
        self.server = server
        self._embedding = embedding
        self._options = options
        self._installed = installed
        self._name = options.model
        self._mine = True
        self._asked_to_load = False
        self.record: dict[str, Any] = {
            "server": server.url,
            "server_version": server.version(),
            "model": installed.model,
            "digest": installed.digest,
            "reads_images": "vision" in (server.show(options.model).capabilities or ()),
            "unloaded_before": [],
            "others": [],
            "warnings": [],
        }

    @property
    def loaded(self) -> RunningModel:
        context, images = self.record.get("context_length"), self.record["reads_images"]
        return RunningModel(quantization(self._installed), context, images)

    def begin(self) -> None:
        """Make room, then load. Raises InputError where either cannot be done."""
        for other in self.server.ps():
            if not self._options.keep_others:
                self._make_room(_name(other))
            elif self._is_model(other):
                self._mine = False
        self._load()
        residents = self.server.ps()
        others = [_name(other) for other in residents if not self._is_model(other)]
        self.record["others"] = others
        if others and not self._options.keep_others:
            self._warn(f"loaded by others meanwhile, and in memory too: {', '.join(others)}")
        mine = next((one for one in residents if self._is_model(one)), None)
        if mine is None:
            self._warn(f"{self._options.model} is loaded, but the server does not list it")
            return
        self._name = _name(mine)
        self.record |= {
            "size_bytes": mine.size,
            "size_vram_bytes": mine.size_vram,
            "context_length": mine.context_length,
        }
        wanted, given = self._options.context_tokens, mine.context_length
        if wanted and given and given < wanted:
            self._warn(f"the server gave a context of {given} tokens, not of {wanted}")

    def end(self) -> None:
        """Unload what `begin` loaded. A failure is only a warning: the answers are there."""
        if not (self._asked_to_load and self._mine):
            return
        start = time.perf_counter()
        wait, gone = self._options.unload_seconds, False
        try:
            gone = self.server.unload(self._name, wait)
            if not gone:
                self._warn(f"{self._name} was still in memory after {wait:g} s")
        except InputError as error:
            self._warn(f"{self._name} could not be unloaded: {error}")
        self.record["unloaded"] = gone
        self.record["unload_seconds"] = time.perf_counter() - start

    def _make_room(self, name: str) -> None:
        url, wait = self.server.url, self._options.unload_seconds
        log.warning(
            "%s: unloading %s, which is in memory (`keep_others: true` would keep it)", url, name
        )
        if not self.server.unload(name, wait):
            raise InputError(
                f"{url}: {name} is still in memory {wait:g} s after unloading; "
                "let the requests on it end, raise `unload_seconds`, or set `keep_others: true`"
            )
        self.record["unloaded_before"].append(name)

    def _load(self) -> None:
        model = self._options.model
        start = time.perf_counter()
        self._asked_to_load = True
        try:
            self.server.load(model, self._options.runner_options(), self._embedding)
        except InputError as error:
            raise InputError(
                f"{model} cannot be loaded: {error}. If memory is short: a smaller quantisation, "
                "fewer `context_tokens`; if it is slow: raise `load_timeout_seconds`"
            ) from error
        self.record["load_seconds"] = time.perf_counter() - start

    def _is_model(self, other: ProcessResponse.Model) -> bool:
        """By name, or as a copy under another name: the server holds those only once."""
        same = other.digest is not None and other.digest == self._installed.digest
        return same or is_same(_name(other), self._options.model)

    def _warn(self, message: str) -> None:
        log.warning("%s: %s", self.server.url, message)
        self.record["warnings"].append(message)


def _name(model: ProcessResponse.Model) -> str:
    return model.model or model.name or ""
