"""Limiter, rates, budget and back-off by themselves, with a clock that is moved by hand."""

import asyncio
import random
from itertools import pairwise

import pytest

from modellab.models.asking.limits import Backoff, Budget, Limiter, RateLimit


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds


async def settled():
    for _ in range(20):
        await asyncio.sleep(0)


def test_what_was_under_way_together_lowers_the_limit_once():
    clock = Clock()
    limiter = Limiter(8, clock)
    for _ in range(5):
        limiter.overloaded(999.0, reported=True)
    assert limiter.limit == 4
    clock.now += 1
    limiter.overloaded(1000.5, reported=True)
    assert limiter.limit == limiter.lowest == 2


def test_a_rare_error_hardly_slows_and_an_outage_does():
    clock = Clock()
    limiter = Limiter(32, clock)
    for _ in range(100):
        limiter.succeeded()
    limiter.overloaded(clock.now, reported=False)
    assert 30 < limiter.limit < 32
    for _ in range(32):
        clock.now += 1
        limiter.overloaded(clock.now, reported=False)
    assert limiter.limit == 1


def test_the_limit_stays_between_one_and_the_highest():
    clock = Clock()
    limiter = Limiter(4, clock)
    for _ in range(10):
        limiter.overloaded(clock.now, reported=True)
        clock.now += 1
    assert limiter.limit == 1
    for _ in range(1000):
        limiter.succeeded()
    assert limiter.limit == 4


def test_a_round_of_successes_adds_an_eighth_of_the_highest():
    limiter = Limiter(8, Clock())
    limiter.overloaded(1000.0, reported=True)
    for _ in range(4):
        limiter.succeeded()
    assert limiter.limit == pytest.approx(5, abs=0.2)


def test_places_are_given_in_order_and_never_too_many():
    async def main():
        limiter = Limiter(2, Clock())
        got = []

        async def take(name):
            await limiter.acquire()
            got.append(name)

        tasks = [asyncio.create_task(take(name)) for name in range(5)]
        await settled()
        assert got == [0, 1]
        limiter.release()
        await settled()
        assert got == [0, 1, 2]
        tasks[3].cancel()
        limiter.release()
        await settled()
        assert got == [0, 1, 2, 4]

    asyncio.run(main())


def test_no_request_is_sent_before_retry_after():
    async def main():
        clock = Clock()
        limiter = Limiter(2, clock)
        limiter.overloaded(1000.0, reported=True, retry_after=0.05)
        task = asyncio.create_task(limiter.acquire())
        await asyncio.sleep(0.07)
        assert not task.done()
        clock.now += 0.06
        await asyncio.wait_for(task, 1)

    asyncio.run(main())


def test_no_window_of_a_minute_holds_more_than_the_rate():
    async def main():
        clock = Clock()
        rate = RateLimit(5, clock, clock.sleep)
        return [(await rate.take(1)).at for _ in range(17)]

    times = asyncio.run(main())
    assert all(later - earlier >= 60 for earlier, later in zip(times, times[5:], strict=False))
    assert times[:6] == [1000.0] * 5 + [1060.0]


def test_token_estimates_are_put_right():
    async def main():
        clock = Clock()
        rate = RateLimit(100, clock, clock.sleep)
        taken = await rate.take(90)
        taken.amount = 10
        await rate.take(90)
        assert clock.now == 1000.0
        await rate.take(1)
        assert clock.now == 1060.0

    asyncio.run(main())


def test_a_wait_ends_soon_after_an_estimate_is_put_right():
    async def main():
        clock = Clock()
        rate = RateLimit(100, clock, clock.sleep)
        taken = await rate.take(90)

        async def sleep(seconds):
            clock.now += seconds
            taken.amount = 10

        rate.sleep = sleep
        await rate.take(50)
        assert clock.now < 1001

    asyncio.run(main())


def test_what_is_larger_than_the_rate_goes_alone():
    async def main():
        clock = Clock()
        rate = RateLimit(100, clock, clock.sleep)
        await rate.take(30)
        assert (await rate.take(500)).at == 1060.0
        assert (await rate.take(1)).at == 1120.0

    asyncio.run(main())


def test_no_rate_never_waits():
    async def main():
        clock = Clock()
        rate = RateLimit(None, clock, clock.sleep)
        for _ in range(1000):
            await rate.take(10**9)
        assert clock.now == 1000.0

    asyncio.run(main())


def test_waits_double_up_to_a_limit_with_full_jitter():
    backoff = Backoff(100, 1e9, random.Random(0))
    waits = [[backoff.delay(n, 0, None) for _ in range(400)] for n in range(9)]
    tops = [max(row) for row in waits]
    assert tops == pytest.approx([0.5, 1, 2, 4, 8, 16, 30, 30, 30], rel=0.05)
    assert all(min(row) < 0.05 * top for row, top in zip(waits, tops, strict=True))


@pytest.fixture(autouse=True)
def real_waits(monkeypatch):
    monkeypatch.setattr("modellab.models.asking.limits.FIRST_SECONDS", 0.5)


def test_the_same_seed_waits_the_same():
    first, second = (Backoff(9, 1e9, random.Random(7)) for _ in range(2))
    assert [first.delay(n, 0, None) for n in range(9)] == [
        second.delay(n, 0, None) for n in range(9)
    ]


def test_tries_end_by_count_and_by_time():
    backoff = Backoff(3, 10, random.Random(0))
    assert backoff.delay(2, 0, None) is not None
    assert backoff.delay(3, 0, None) is None
    assert backoff.delay(0, 9, 5) is None
    assert backoff.delay(0, 0, 5) == 5


def test_a_thousand_retries_do_not_overflow():
    assert Backoff(5000, 1e9, random.Random(0)).delay(4000, 0, None) <= 30


def test_the_budget_waits_for_what_is_under_way_before_it_closes():
    async def main():
        budget = Budget(1.0)
        assert await budget.reserve(0.6)
        second = asyncio.create_task(budget.reserve(0.6))
        await settled()
        assert not second.done()
        budget.settle(0.6, 0.1)
        assert await second
        third = asyncio.create_task(budget.reserve(0.6))
        await settled()
        budget.settle(0.6, 0.6)
        assert not await third
        assert not await budget.reserve(0.01)
        assert budget.spent == pytest.approx(0.7)

    asyncio.run(main())


def test_rates_are_in_order():
    async def main():
        clock = Clock()
        rate = RateLimit(3, clock, clock.sleep)
        order = []

        async def take(name):
            await rate.take(1)
            order.append((name, clock.now))

        await asyncio.gather(*[take(name) for name in range(9)])
        return order

    order = asyncio.run(main())
    assert [name for name, _ in order] == list(range(9))
    assert all(one[1] <= two[1] for one, two in pairwise(order))
