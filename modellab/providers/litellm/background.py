"""An asyncio loop in a thread of its own, read from ordinary code."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Coroutine, Generator
from typing import Any, TypeVar

T = TypeVar("T")


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
        """The generator's items. Stopping early closes it, and so what it started."""
        try:
            while True:
                try:
                    # a coroutine function, because anext gives only an awaitable
                    item = self.run(_next(items))
                except StopAsyncIteration:
                    return
                yield item
        finally:
            self.run(items.aclose())

    def _serve(self) -> None:
        # the runner cancels all tasks and closes the loop and its thread pool at the end
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.get_loop()
            self._loop.run_forever()


async def _next(items: AsyncGenerator[T, None]) -> T:
    return await anext(items)
