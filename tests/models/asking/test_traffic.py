import os
import signal
import threading
import time

import pytest
from api_samples import number_of, options, requests
from fault_server import Play, bad, good, serving

pytestmark = pytest.mark.usefixtures("keys")


def test_never_more_at_once_than_allowed(run):
    outcome = run(lambda body, number: good(seconds=0.03), 60, max_concurrent=5)
    assert outcome.server.highest == 5


def test_fewer_at_once_after_429s_and_more_again_later(run):
    def play(body, number):
        return bad(429) if number < 24 else good(seconds=0.06)

    outcome = run(play, 150, max_concurrent=16, max_retries=9)
    levels = outcome.server.levels
    assert outcome.classes() == [None] * 150
    assert outcome.report["lowest_concurrency"] <= 8
    assert max(levels[24:36]) < 12
    assert max(levels[-60:]) > max(levels[24:36])


def test_retry_after_holds_all_requests(run):
    def play(body, number):
        return bad(429, headers={"retry-after-ms": "400"}) if number == 0 else good()

    times = run(play, 10, max_concurrent=1).server.times
    assert times[1] - times[0] > 0.35


def test_the_rate_of_requests_is_kept():
    with serving(lambda body, number: good()) as server:
        given = options(server.url, requests_per_minute=7)
        with given.open(0, {}) as model:
            answers = model.answer(requests(30))
            for _ in range(7):
                next(answers)
            time.sleep(0.2)
            answers.close()
        assert len(server.bodies) == 7


def test_the_rate_of_tokens_is_kept():
    with serving(lambda body, number: good("x", 40, 10)) as server:
        given = options(server.url, tokens_per_minute=500, max_new_tokens=100, max_concurrent=1)
        with given.open(0, {}) as model:
            answers = model.answer(requests(30))
            # each reserves 103 and takes 50: the tenth would need 553
            for _ in range(8):
                next(answers)
            time.sleep(0.2)
            answers.close()
        assert len(server.bodies) == 8


def test_the_budget_is_never_passed(run):
    def play(body, number):
        return good("x", 1000, 100, seconds=0.01)

    # 0.0035 each; at most 256 new tokens and about 60 bytes are reserved
    outcome = run(play, 50, model="gpt-4o", max_cost_usd=0.02)
    costs = [row.cost_usd for row in outcome.responses.values() if row.cost_usd]
    assert sum(costs) == pytest.approx(outcome.report["spent_usd_at_most"])
    assert len(costs) == len(outcome.server.bodies)
    assert set(outcome.classes()) == {None, "budget"}


def test_the_budget_counts_answers_of_unknown_cost_at_their_most(run):
    outcome = run(
        lambda body, number: good("x", None, 0),
        50,
        model="gpt-4o",
        max_cost_usd=0.02,
        max_new_tokens=1000,
    )
    assert outcome.classes() == [None] + ["budget"] * 49
    assert len(outcome.server.bodies) == 1
    assert "max_cost_usd" in outcome.report["stopped"]


def test_requests_after_a_stop_are_not_sent_either():
    with serving(lambda body, number: bad(401)) as server:
        with options(server.url).open(0, {}) as model:
            assert [row.error_class for row in model.answer(requests(1))] == ["auth"]
            assert [row.error_class for row in model.answer(requests(3))] == ["auth"] * 3
        assert len(server.bodies) == 1


def test_each_answer_comes_when_it_exists():
    def play(body, number):
        return good(seconds=0.6 if number_of(body) == 1 else 0.0)

    with serving(play) as server, options(server.url).open(0, {}) as model:
        order = [int(row.key[:8], 16) for row in model.answer(requests(6))]
    # the first goes alone
    assert (order[0], order[-1]) == (0, 1)


def test_a_consumer_that_stops_leaves_nothing_behind():
    before = set(threading.enumerate())
    with (
        serving(lambda body, number: good(seconds=0.05)) as server,
        options(server.url, max_concurrent=4).open(0, {}) as model,
    ):
        answers = model.answer(requests(1000))
        next(answers)
        answers.close()
        time.sleep(0.1)
        sent = len(server.bodies)
        time.sleep(0.3)
        assert len(server.bodies) == sent <= 12
    left = set(threading.enumerate()) - before
    # the server's own threads wait on connections that the client has closed
    assert not [thread for thread in left if "api-requests" in thread.name]
    assert not [thread for thread in left if thread.name.startswith("asyncio")]


def test_a_model_may_be_asked_again_and_opened_again(run):
    with serving(lambda body, number: good()) as server:
        for _ in range(3):
            with options(server.url).open(0, {}) as model:
                assert len(list(model.answer(requests(3)))) == 3
                assert len(list(model.answer(requests(2)))) == 2
                assert list(model.answer([])) == []
        assert len(server.bodies) == 15


def test_two_models_at_the_same_time():
    with (
        serving(lambda body, number: good("a")) as one,
        serving(lambda body, number: good("b")) as two,
        options(one.url).open(0, {}) as first,
        options(two.url).open(0, {}) as second,
    ):
        pairs = zip(first.answer(requests(9)), second.answer(requests(9)), strict=True)
        assert [(a.text, b.text) for a, b in pairs] == [("a", "b")] * 9


def test_few_requests_are_in_hand():
    class Counting(list):
        taken = 0

        def __iter__(self):
            for item in super().__iter__():
                self.taken += 1
                yield item

    many = Counting(requests(90))
    with (
        serving(lambda body, number: good()) as server,
        options(server.url, max_concurrent=2).open(0, {}) as model,
    ):
        answers = model.answer(many)
        next(answers)
        time.sleep(1)
        assert many.taken == 5  # the first, and four in hand
        assert len(list(answers)) == 89


def test_a_faulty_server_loses_no_row(run):
    def play(body, number):
        fault = {3: bad(429), 5: bad(500), 7: Play(cut="before"), 9: Play(cut="within")}
        return fault.get(number % 40, good(str(number_of(body))))

    outcome = run(play, 200, max_concurrent=16)
    assert [row.text for _, row in sorted(outcome.responses.items())] == [
        str(number) for number in range(200)
    ]
    assert sum(row.retries for row in outcome.responses.values()) == sum(
        outcome.report["failed_attempts"].values()
    )


def test_an_answer_that_takes_long_to_leave_is_not_late(run):
    # one at a time, 0.15 s each: the last waits longer than the time limit of an answer
    outcome = run(lambda body, number: good(seconds=0.15), 6, max_concurrent=1, timeout_seconds=0.4)
    assert outcome.classes() == [None] * 6


def test_ctrl_c_while_an_answer_is_awaited_is_no_other_error(ctrl_c):
    with serving(lambda body, number: good(seconds=0.0 if number == 0 else 3.0)) as server:
        with options(server.url, max_concurrent=2).open(0, {}) as model:
            answers = model.answer(requests(9))
            next(answers)
            start = time.monotonic()
            threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGINT]).start()
            with pytest.raises(KeyboardInterrupt):
                next(answers)
        assert time.monotonic() - start < 2
        assert len(server.bodies) == 3
