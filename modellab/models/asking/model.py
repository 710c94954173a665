"""A model behind a server for ordinary calls: the asking loop runs in a thread of its own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal

from modellab.core.records import Request, Response
from modellab.models.asking.asker import Asker, Client, Limits
from modellab.models.asking.limits import Costs
from modellab.models.protocol import Stopped


@dataclass(frozen=True)
class AskingModel:
    """Answers in the order in which the server gives them. `record` is added to the report."""

    asker: Asker
    portal: BlockingPortal
    record: Mapping[str, Any]

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        """Requests that were sent go on between responses; stopping early cancels them."""
        answers = self.asker.answers(requests)
        try:
            while (response := self.portal.call(anext, answers, None)) is not None:
                yield response
        finally:
            self.portal.call(answers.aclose)

    def report(self) -> Mapping[str, Any]:
        return {**self.asker.report(), **self.record}

    def stopped(self) -> Stopped | None:
        return self.asker.stopped()


@contextmanager
def asking_model(
    client: Client,
    limits: Limits,
    costs: Costs,
    key: str | None = None,
    record: Mapping[str, Any] | None = None,
) -> Iterator[AskingModel]:
    """A model behind a server.

    Args:
        client: sends one request, in the form that the server takes.
        limits: what holds requests back; one set for each model.
        costs: of requests, for rows and budget.
        key: a secret that no error may hold.
        record: further facts for the run's record, read when the report is made.
    """
    with start_blocking_portal(name="api-requests") as portal:
        portal.call(client.start)
        try:
            asker = Asker(client, limits, costs, [key] if key else [])
            yield AskingModel(asker, portal, {} if record is None else record)
        finally:
            portal.call(client.stop)
