"""Many metrics at once: the calls that all of them wait for are put to the judge together.

A metric is a chain of calls, each made from the answer before. Run side by side, the metrics of
all samples wait for one call each; together these are a batch, which a local model needs to be
fast and which an API's session sends as concurrently as its limits allow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from modellab.core.records import Response
from modellab.judging.materials import Ask, Call

T = TypeVar("T")

#: turns of the loop without a new call, after which all metrics are taken to be waiting
QUIET_TURNS = 20
#: seconds between looks where nothing waits for the judge
PAUSE = 0.005


class Waves:
    """Collects calls until nothing else moves, then asks them all."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._waiting: list[tuple[Call, asyncio.Future[Response]]] = []

    def run(self, metrics: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
        """The results in order. What a metric raises ends all, as does an error of `ask`."""
        return asyncio.run(self._run(metrics))

    async def call(self, call: Call) -> Response:
        """The judge's response, once the wave that the call is part of has been asked."""
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, future))
        return await future

    async def _run(self, metrics: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
        tasks = [asyncio.create_task(metric) for metric in metrics]
        try:
            while not all(task.done() for task in tasks):
                await self._settle()
                self._flush()
                await asyncio.sleep(0 if self._waiting else PAUSE)
            return [task.result() for task in tasks]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _settle(self) -> None:
        quiet, seen = 0, -1
        while quiet < QUIET_TURNS:
            await asyncio.sleep(0)
            quiet = quiet + 1 if len(self._waiting) == seen else 0
            seen = len(self._waiting)

    def _flush(self) -> None:
        wave, self._waiting = self._waiting, []
        if not wave:
            return
        responses = self._ask([call for call, _ in wave])
        for (_, future), response in zip(wave, responses, strict=True):
            if not future.done():
                future.set_result(response)
