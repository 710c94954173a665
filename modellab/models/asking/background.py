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
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from modellab.core.records import Request, Response
from modellab.models.asking.asker import Asker, Client, Limits
from modellab.models.asking.costs import Costs
from modellab.models.protocol import Stopped

T = TypeVar("T")

#: items that may wait for a slow reader
WAITING = 32


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


@dataclass(frozen=True)
class _Item(Generic[T]):
    value: T


@dataclass(frozen=True)
class _End:
    error: BaseException | None


class Background:
    """Runs coroutines while the caller does something else.

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
        """The generator's items. It runs ahead of the reader, by a few items.

        Stopping early closes it, and so what it started.
        """
        queue: SimpleQueue[_Item[T] | _End] = SimpleQueue()
        ended = threading.Event()
        pump = asyncio.run_coroutine_threadsafe(_pump(items, queue, ended), self._loop)
        try:
            while isinstance(found := queue.get(), _Item):
                yield found.value
            if found.error:
                raise found.error
        finally:
            pump.cancel()
            # a future in the hands of a thread counts as cancelled before its task has ended
            ended.wait()

    def _serve(self) -> None:
        # the runner cancels all tasks and closes the loop and its thread pool at the end
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.get_loop()
            self._loop.run_forever()


async def _pump(
    items: AsyncGenerator[T, None], queue: SimpleQueue[_Item[T] | _End], ended: threading.Event
) -> None:
    """Move items to the queue, then how it ended."""
    error: BaseException | None = None
    try:
        async for item in items:
            while queue.qsize() >= WAITING:
                await asyncio.sleep(0.01)
            queue.put(_Item(item))
    except Exception as problem:  # noqa: BLE001 - raised again by the reader
        error = problem
    finally:
        await items.aclose()
        queue.put(_End(error))
        ended.set()
