"""Costs of requests (at most before they are sent, as reported afterwards), and the budget."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from modellab.core.records import Request
from modellab.models.asking.failures import Failure, Reply
from modellab.models.prices import Price

#: average bytes of text in a token, for the rate of tokens; a token has at least one
BYTES_PER_TOKEN = 4
#: tokens of a picture, taken high: servers count by size, and each in its own way
PICTURE_TOKENS = 4000
#: tokens that a server's chat template may add to a message
TEMPLATE_TOKENS = 16


@dataclass(frozen=True)
class Costs:
    """Tokens and dollars of one model's requests; without a price, all dollars are 0."""

    price: Price | None
    longest_answer: int

    def estimate_tokens(self, request: Request) -> int:
        """About as many tokens as a request takes with the longest answer."""
        prompt = _prompt_bytes(request) // BYTES_PER_TOKEN + _picture_tokens(request)
        return prompt + self.longest_answer

    def most(self, request: Request) -> float:
        """The most dollars that a request can cost."""
        template = TEMPLATE_TOKENS * (len(request.messages) + 1)
        prompt = _prompt_bytes(request) + _picture_tokens(request) + template
        return self.price.cost(prompt, self.longest_answer) if self.price else 0.0

    def known(self, reply: Reply) -> float | None:
        """Dollars for the tokens that the server reported; None where it did not."""
        prompt, completion = reply.prompt_tokens, reply.completion_tokens
        if self.price is None or prompt is None or completion is None:
            return None
        return self.price.cost(prompt, completion, reply.cached_tokens or 0)

    def in_order(self, requests: Sequence[Request]) -> Sequence[Request]:
        """Equal beginnings one after the other, where cached prompts have a price."""
        if self.price is None or self.price.cached is None:
            return requests
        return sorted(requests, key=lambda request: [m.content for m in request.messages])

    def charged(self, known: float | None, failure: Failure | None, most: float) -> float:
        """The cost of an attempt for the budget: the most that it can be where it is not known."""
        if known is not None:
            return known
        return most if failure is None or failure.billed else 0.0


@dataclass
class Budget:
    """Admits a request only if all requests under way could still be paid.

    Before a request is sent, the most that it can cost is reserved; afterwards its known cost
    takes the place of that. Where the next one does not fit, it waits for those under way (they
    mostly cost less than reserved); if it does not fit even then, the budget is closed.
    """

    limit_usd: float | None
    spent: float = 0.0
    closed: bool = False
    _reserved: list[float] = field(default_factory=list)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def reserve(self, usd: float) -> bool:
        """Reserve the most that a request can cost. False: nothing more may be sent."""
        async with self._turn:
            while not self._fits(usd) and self._reserved and not self.closed:
                self._changed.clear()
                await self._changed.wait()
            self.closed = self.closed or not self._fits(usd)
            if not self.closed:
                self._reserved.append(usd)
            return not self.closed

    def settle(self, reserved: float, spent: float) -> None:
        """Replace a reservation by the actual cost."""
        self._reserved.remove(reserved)
        self.spent += spent
        self._changed.set()

    def _fits(self, usd: float) -> bool:
        return self.limit_usd is None or self.spent + sum(self._reserved) + usd <= self.limit_usd


def _prompt_bytes(request: Request) -> int:
    return sum(len(message.content.encode()) for message in request.messages)


def _picture_tokens(request: Request) -> int:
    return PICTURE_TOKENS * sum(len(message.images) for message in request.messages)
