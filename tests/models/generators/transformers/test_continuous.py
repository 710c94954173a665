import threading
import time
from collections import Counter
from functools import partial

import pytest
from pydantic import ValidationError
from tiny_questions import READER, right_values, tiny_requests

from modellab.models.generators.transformers import batching, provider
from modellab.models.generators.transformers.batching import ContinuousSession
from modellab.models.generators.transformers.generation import Generator

pytestmark = pytest.mark.slow


def test_on_gives_what_static_batches_give(options, answers):
    asked, more = tiny_requests(12), {"max_new_tokens": 32}
    static = answers(options(READER, continuous_batching="off", **more), asked)
    continuous = answers(options(READER, continuous_batching="on", **more), asked)
    assert right_values(asked, {key: row.text for key, row in continuous.items()}) >= 9
    assert {row.method for row in static.values()} == {"static"}
    assert {row.method for row in continuous.values()} == {"continuous"}
    for key, row in static.items():
        other = continuous[key]
        assert (other.text, other.completion_tokens, other.finish_reason) == (
            row.text,
            row.completion_tokens,
            row.finish_reason,
        )
        assert other.latency_seconds > 0 and other.batch_size is None


def test_auto_is_static_without_cuda(folder, options, requests, answers):
    rows = answers(options(folder), requests)
    assert {row.method for row in rows.values()} == {"static"}


@pytest.fixture
def on_trial(monkeypatch):
    """`auto` tries both methods, here too and with few rows."""
    monkeypatch.setattr(provider, "first_method", lambda options, device: None)
    monkeypatch.setattr(provider, "TRIAL_FROM", 12)
    monkeypatch.setattr(batching, "TRIAL_ROWS", 3)


@pytest.fixture
def slowed(monkeypatch):
    """Make one method seem slow."""

    def slow(method):
        whole = batching.Speed.of

        def of(self, rows):
            for row in whole(self, rows):
                self.seconds += 1e6 * (row.method == method)
                yield row

        monkeypatch.setattr(batching.Speed, "of", of)

    return slow


@pytest.mark.parametrize(("slow", "fast"), [("static", "continuous"), ("continuous", "static")])
def test_auto_takes_the_faster_one(
    folder, options, requests, request_of, texts, on_trial, slowed, slow, fast
):
    slowed(slow)
    more = [request_of(number) for number in range(20, 40)]
    with options(folder).open(0, {}) as model:
        rows = list(model.answer(requests))
        # each answer of the trial is one of the answers, and there is one trial only
        assert Counter(row.method for row in rows) == {fast: 9, slow: 3}
        assert {row.method for row in model.answer(more)} == {fast}
    trial = model.report()["trial"]
    assert trial[f"{fast}_tokens_per_second"] > trial[f"{slow}_tokens_per_second"]
    plain = texts(options(folder, continuous_batching="off"), requests)
    assert {row.key: row.text for row in rows} == plain


def generated(monkeypatch):
    """The number of rows that each method really answers, warming up apart."""
    count = Counter()
    static, continuous = Generator.generate, ContinuousSession.generate

    def generate(self, prompts, most=None):
        count["static"] += len(prompts) if most is None else 0
        return static(self, prompts, most)

    def session(self, prompts):
        count["continuous"] += len(prompts)
        yield from continuous(self, prompts)

    monkeypatch.setattr(Generator, "generate", generate)
    monkeypatch.setattr(ContinuousSession, "generate", session)
    return count


def test_the_trial_answers_no_row_twice(folder, options, requests, monkeypatch, on_trial):
    count = generated(monkeypatch)
    with options(folder).open(0, {}) as model:
        assert len(list(model.answer(requests))) == len(requests)
    assert count.total() == len(requests)


@pytest.mark.parametrize("where", ["_manager", "generate"])
def test_whatever_breaks_it_static_batches_go_on(
    folder, options, requests, texts, monkeypatch, caplog, on_trial, where
):
    def broken(*_, **__):
        raise NotImplementedError("no graph can be captured")
        yield

    if where == "_manager":
        monkeypatch.setattr(batching, "_manager", lambda *_: next(broken()))
    else:
        monkeypatch.setattr(ContinuousSession, "generate", broken)
    with options(folder).open(0, {}) as model:
        rows = list(model.answer(requests))
    assert {row.key: row.text for row in rows} == texts(
        options(folder, continuous_batching="off"), requests
    )
    assert {row.method for row in rows} == {"static"}
    assert "no graph can be captured" in caplog.text


def test_the_attention_of_each_method_is_on_record(folder, options, requests):
    eager = options(folder, continuous_batching="on", attn_implementation="eager")
    with eager.open(0, {}) as model:
        list(model.answer(requests))
        attention = model._model.config._attn_implementation
    assert attention == model.report()["attn_implementation"] == "eager"
    assert model.report()["continuous_attn_implementation"] == "paged|eager"


def test_an_interruption_ends_it_at_once_and_keeps_what_is_finished(
    folder, options, requests, monkeypatch
):
    """A deadline comes as a signal while results are waited for."""
    monkeypatch.setattr(batching, "ROWS_WITHOUT_CUDA", 2)
    before, rows = threading.active_count(), []

    def interrupted(manager, **_):
        while manager.output_router.output_queue.qsize() < 2:
            time.sleep(0.01)
        del manager.get_result
        raise KeyboardInterrupt

    with options(folder, continuous_batching="on", max_new_tokens=60).open(0, {}) as model:
        start = batching._manager

        def manager(*given):
            made = start(*given)
            made.get_result = partial(interrupted, made)
            return made

        monkeypatch.setattr(batching, "_manager", manager)
        with pytest.raises(KeyboardInterrupt):
            for row in model.answer(requests):
                rows.append(row)
        assert threading.active_count() == before
    assert 2 <= len(rows) < len(requests)
    assert all(row.text is not None for row in rows)


def test_closing_the_model_ends_unread_answers(folder, options, requests):
    before = threading.active_count()
    with options(folder, continuous_batching="on").open(0, {}) as model:
        running = iter(model.answer(requests))
        next(running)
    assert threading.active_count() == before
    running.close()


def test_rows_that_it_leaves_are_answered_in_static_batches(folder, options, requests, monkeypatch):
    whole = ContinuousSession.generate

    def half(self, prompts):
        yield from whole(self, prompts[:6])

    monkeypatch.setattr(ContinuousSession, "generate", half)
    with options(folder, continuous_batching="on").open(0, {}) as model:
        methods = [row.method for row in model.answer(requests)]
    assert sorted(methods) == ["continuous"] * 6 + ["static"] * 6


@pytest.mark.parametrize(
    "more", [{"temperature": 1.0}, {"stop": ["."]}, {"vram_limit_gb": 8}, {"gpus": 2}]
)
def test_on_with_what_it_cannot_do(folder, options, more):
    with pytest.raises(ValidationError, match="greedy free text"):
        options(folder, continuous_batching="on", **more)
