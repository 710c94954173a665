"""Requests that are sent as a batch: half the price, and answers within a day.

The keys of a batch are on disk before it is sent, and its id as soon as there is one. So a run that
was killed continues to wait for its batch and never sends it twice. Requests that
come back without an answer are sent row by row.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from modellab.core.errors import InputError
from modellab.core.io.jsonl import dump_json, read_record, write_json
from modellab.core.records import Request, Response
from modellab.models.asking.asker import AskingModel
from modellab.models.asking.failures import BadReplyError, Failure, Reply, classify
from modellab.models.asking.limits import Costs
from modellab.models.asking.options import PRICE_SHARE
from modellab.models.protocol import Model, Stopped

log = logging.getLogger(__name__)
T = TypeVar("T")

#: seconds before the first request for a batch's status, and the growth of these pauses
FIRST_PAUSE, GROWTH = 5.0, 1.5
#: error classes that another attempt does not change
FINAL = frozenset({"content_filter", "refusal", "context_too_long", "thought_only", "tool_call"})
METHOD = "batch"


@dataclass
class Sent:
    """A batch as stored on disk.

    Attributes:
        keys: of its requests.
        sent_at: just before it was sent, in seconds since 1970.
        upload: the provider's id of the file of requests, where it has one.
        id: the provider's id of the batch; empty until that is known.
    """

    keys: list[str]
    sent_at: float
    upload: str = ""
    id: str = ""


@dataclass(frozen=True)
class BatchStatus:
    """The state of a batch at the provider; `done` is the number of finished requests."""

    status: str
    ended: bool
    done: int = 0
    reason: str = ""


class BatchApi(Protocol):
    """The batches of a provider. All methods may raise what the client library raises."""

    most_requests: ClassVar[int]
    most_bytes: ClassVar[int]

    def line(self, request: Request) -> Mapping[str, Any]:
        """A request as a line of a batch. OSError or ValueError for an unreadable picture."""
        ...

    def upload(self, lines: Sequence[Mapping[str, Any]]) -> str:
        """Upload the requests; the file's id, empty where they are sent with the batch."""
        ...

    def submit(self, sent: Sent, lines: Sequence[Mapping[str, Any]]) -> str:
        """Start the batch; its id."""
        ...

    def find(self, sent: Sent) -> str:
        """The id of a batch that was submitted but not recorded; empty if there is none."""
        ...

    def status(self, batch: str) -> BatchStatus: ...

    def results(self, batch: str) -> Sequence[tuple[str, Reply | Failure]]:
        """Replies and failures of its requests by key, as far as the provider has them."""
        ...


@dataclass
class BatchModel(Model):
    """A model that is asked in batches.

    Attributes:
        name: its name in messages.
        rows: the same model, asked row by row.
        longest_pause: between two requests for the status, in seconds.
        most_usd: the highest cost of a run.
    """

    name: str
    api: BatchApi
    rows: AskingModel
    costs: Costs
    longest_pause: float
    most_usd: float | None = None
    _path: Path | None = None
    _sent: list[Sent] = field(default_factory=list)
    _seen: list[dict[str, Any]] = field(default_factory=list)

    def keep_in(self, path: Path) -> None:
        """The file for pending batches; those of an earlier run are read from it."""
        self._path = path
        self._sent = read_record(path, list[Sent]) if path.exists() else []

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        wanted = {request.key: request for request in requests}
        sent = [batch for batch in self._sent if wanted.keys() & set(batch.keys)]
        sent = [batch for batch in sent if self._is_there(batch)]
        covered = {key for batch in sent for key in batch.keys}
        rest = [request for key, request in wanted.items() if key not in covered]
        left = dict(wanted)
        if len(rest) > 1:
            # alone first: errors that affect all requests show before the batch is sent
            for response in self.rows.answer([rest.pop(0)]):
                del left[response.key]
                yield response
            if self.rows.stopped() is None:
                sent += self._submitted(rest)
        for batch in sent:
            self._wait(batch)
            for response in self._collected(batch, left):
                del left[response.key]
                yield response
            # the journal has its answers now
            self._sent.remove(batch)
            self._save()
        if left:
            if sent:
                log.warning("%s: %d rows have no answer in a batch", self.name, len(left))
            yield from self.rows.answer(list(left.values()))

    def report(self) -> Mapping[str, Any]:
        return {**self.rows.report(), "batches": self._seen}

    def stopped(self) -> Stopped | None:
        return self.rows.stopped()

    def _is_there(self, batch: Sent) -> bool:
        """Whether the provider still knows a batch of an earlier run; if not, it is dropped."""
        if not batch.id:
            batch.id = self._retried(lambda: self.api.find(batch), "finding earlier batches") or ""
        known = bool(batch.id) and self._status(batch) is not None
        if not known:
            self._sent.remove(batch)
        self._save()
        return known

    def _status(self, batch: Sent) -> BatchStatus | None:
        return self._retried(lambda: self.api.status(batch.id), batch.id)

    def _submitted(self, requests: Sequence[Request]) -> list[Sent]:
        most = PRICE_SHARE * sum(map(self.costs.max_cost, requests))
        if self.most_usd is not None and most > self.most_usd:
            raise InputError(
                f"{self.name}: a batch of {len(requests)} requests may cost up to ${most:.2f}, "
                f"more than max_cost_usd of {self.most_usd:g}"
            )
        return [self._submit(part) for part in self._parts(requests)]

    def _parts(self, requests: Sequence[Request]) -> Iterator[dict[str, Mapping[str, Any]]]:
        """Lines by key, in parts within the limits of a batch."""
        part: dict[str, Mapping[str, Any]] = {}
        size = 0
        for request in self.costs.in_order(requests):
            try:
                line = self.api.line(request)
            except (OSError, ValueError):
                continue  # asked alone, it becomes a failed row with its reason
            bytes_of_line = len(dump_json(line).encode()) + 1
            full = len(part) == self.api.most_requests or size + bytes_of_line > self.api.most_bytes
            if part and full:
                yield part
                part, size = {}, 0
            part[request.key] = line
            size += bytes_of_line
        if part:
            yield part

    def _submit(self, part: Mapping[str, Mapping[str, Any]]) -> Sent:
        batch, lines = Sent(list(part), time.time()), list(part.values())
        self._sent.append(batch)
        self._save()
        batch.upload = self._retried(lambda: self.api.upload(lines), "uploading the requests") or ""
        self._save()

        def submit() -> str:
            # an earlier attempt may have created it, and only its reply was lost
            return self.api.find(batch) or self.api.submit(batch, lines)

        batch.id = self._retried(submit, "submitting the batch") or ""
        if not batch.id:
            raise InputError(f"{self.name}: the server knows no batches; leave `batch` out")
        self._save()
        log.info("%s: batch %s of %d requests is sent", self.name, batch.id, len(lines))
        return batch

    def _wait(self, batch: Sent) -> None:
        pause, logged = min(FIRST_PAUSE, self.longest_pause), ""
        while True:
            found = self._status(batch) or BatchStatus("gone", ended=True)
            state = f"{found.status}, {found.done} of {len(batch.keys)} done"
            if state != logged:
                log.info("%s: batch %s: %s", self.name, batch.id, state)
            if found.ended:
                break
            logged = state
            time.sleep(pause)
            pause = min(pause * GROWTH, self.longest_pause)
        self._seen.append({"id": batch.id, "requests": len(batch.keys), **asdict(found)})
        if found.reason:
            log.warning("%s: batch %s: %s: %s", self.name, batch.id, found.status, found.reason)

    def _collected(self, batch: Sent, left: Mapping[str, Request]) -> Iterator[Response]:
        """The final responses."""
        for key, found in self._retried(lambda: self.api.results(batch.id), batch.id) or ():
            if key in left and (isinstance(found, Reply) or found.error_class in FINAL):
                yield self._response(key, found)

    def _retried(self, ask: Callable[[], T], what: str) -> T | None:
        """The provider's reply, retried as long as it takes; None if it is not found."""
        pause = min(FIRST_PAUSE, self.longest_pause)
        while True:
            try:
                return ask()
            except Exception as error:  # noqa: BLE001 - a whole library is underneath
                failure = classify(error)
            if failure.error_class == "not_found":
                return None
            if not failure.retry:
                raise InputError(f"{self.name}: {what}: {failure.error_class}: {failure.text}")
            log.info("%s: %s: %s; asked again", self.name, what, failure.error_class)
            time.sleep(failure.retry_after or pause)
            pause = min(pause * GROWTH, self.longest_pause)

    def _response(self, key: str, found: Reply | Failure) -> Response:
        if isinstance(found, Failure):
            return Response(
                key, None, error_class=found.error_class, error=found.text, method=METHOD
            )
        cost = self.costs.known(found)
        return Response(
            key=key,
            text=found.text,
            cost_usd=None if cost is None else PRICE_SHARE * cost,
            method=METHOD,
            **found.row(),
        )

    def _save(self) -> None:
        if self._path is not None:
            write_json(self._path, [asdict(batch) for batch in self._sent])


def read_result(read: Callable[[], Reply]) -> Reply | Failure:
    """A reply, or the failure that it means."""
    try:
        return read()
    except BadReplyError as error:
        return error.failure
