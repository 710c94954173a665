"""A model behind a server for ordinary calls: the asking loop runs in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Coroutine, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from modellab.core.records import Request, Response
from modellab.models.asking.asker import Asker, Client, Limits
from modellab.models.asking.costs import Costs
from modellab.models.protocol import Stopped

T = TypeVar("T")


@dataclass(frozen=True)
class AskingModel:
    """Answers in the order in which the server gives them. `record` is added to the report."""

    asker: Asker
    background: Background
    record: Mapping[str, Any]

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        return self.background.iterate(self.asker.answers(requests))

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
    with Background() as background:
        background.run(client.start())
        try:
            asker = Asker(client, limits, costs, [key] if key else [])
            yield AskingModel(asker, background, {} if record is None else record)
        finally:
            background.run(client.stop())


class Background:
    """Runs coroutines in its own thread, while the caller does something else.

    Leaving the block cancels what still runs, and ends loop and thread.
    """

    def __enter__(self) -> Background:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="api-requests", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The coroutine's result, or its exception."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def iterate(self, items: AsyncGenerator[T, None]) -> Generator[T, None, None]:
        """The generator's items; stopping early closes it, and so everything it started.

        What it has started goes on between items.
        """

        async def following() -> T | None:
            return await anext(items, None)

        try:
            while (item := self.run(following())) is not None:
                yield item
        finally:
            if not self._loop.is_closed():
                self.run(items.aclose())

    def _serve(self) -> None:
        # the runner cancels all tasks and closes the loop and its thread pool at the end
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.get_loop()
            self._loop.run_forever()
