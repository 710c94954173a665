"""The model that the rest of the program sees: ordinary calls, answered by an asyncio loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import (
    AsyncGenerator,
    Collection,
    Coroutine,
    Generator,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from typing import Any, TypeVar

from modellab.core.records import Request, Response
from modellab.models.asking.asker import Asker, Client, Limits
from modellab.models.asking.costs import Costs
from modellab.models.protocol import Stopped

T = TypeVar("T")


@contextmanager
def asking_model(
    client: Client, limits: Limits, costs: Costs, secrets: Collection[str] = ()
) -> Iterator[AskingModel]:
    """A model behind a server, asked by the one loop that all providers share.

    Args:
        client: sends one request, in the form that the server takes.
        limits: what holds requests back; one set for each model.
        costs: what requests cost, for rows and budget.
        secrets: texts that no error may hold.
    """
    with Background() as background:
        background.run(client.start())
        try:
            yield AskingModel(Asker(client, limits, costs, secrets), background)
        finally:
            background.run(client.stop())


class AskingModel:
    """Answers in the order in which the server gives them."""

    def __init__(self, asker: Asker, background: Background) -> None:
        self._asker = asker
        self._background = background

    def answer(self, requests: Sequence[Request]) -> Iterator[Response]:
        return self._background.iterate(self._asker.answers(requests))

    def report(self) -> Mapping[str, Any]:
        return self._asker.report()

    def stopped(self) -> Stopped | None:
        return self._asker.stopped()


class Background:
    """Runs coroutines in a thread of its own, while the caller does something else.

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
        """The generator's items; stopping early closes it, and so what it started.

        What it has started goes on between items.
        """
        try:
            while batch := self.run(_next(items)):
                yield from batch
        finally:
            if not self._loop.is_closed():
                self.run(items.aclose())

    def _serve(self) -> None:
        # the runner cancels all tasks and closes the loop and its thread pool at the end
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.get_loop()
            self._loop.run_forever()


async def _next(items: AsyncGenerator[T, None]) -> list[T]:
    """The next item; empty at the end."""
    async for item in items:
        return [item]
    return []
