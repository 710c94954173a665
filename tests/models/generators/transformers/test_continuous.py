import pytest
from pydantic import ValidationError
from tiny_questions import READER, right_values, tiny_requests

from modellab.models.generators.transformers import engine as engine_module
from modellab.models.generators.transformers.continuous import ContinuousSession

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


@pytest.mark.parametrize(("seconds", "method"), [(0.0, "continuous"), (1e9, "static")])
def test_auto_takes_what_was_measured_to_be_faster(
    folder, options, requests, monkeypatch, seconds, method
):
    monkeypatch.setattr(engine_module.Engine, "_may_try", lambda self, rows: True)
    monkeypatch.setattr(ContinuousSession, "seconds", lambda self, prompts: seconds)
    with options(folder).open(0, {}) as model:
        rows = list(model.answer(requests))
    assert {row.method for row in rows} == {method}
    assert model.report()["trial"]["continuous_seconds"] == seconds


def test_rows_that_it_leaves_are_answered_in_static_batches(folder, options, requests, monkeypatch):
    whole = ContinuousSession.generate

    def half(self, prompts):
        yield from whole(self, prompts[:6])

    monkeypatch.setattr(ContinuousSession, "generate", half)
    with options(folder, continuous_batching="on").open(0, {}) as model:
        methods = [row.method for row in model.answer(requests)]
    assert sorted(methods) == ["continuous"] * 6 + ["static"] * 6


@pytest.mark.parametrize("more", [{"temperature": 1.0}, {"stop": ["."]}, {"vram_limit_gb": 8}])
def test_on_with_what_it_cannot_do(folder, options, more):
    with pytest.raises(ValidationError, match="greedy free text"):
        options(folder, continuous_batching="on", **more)
