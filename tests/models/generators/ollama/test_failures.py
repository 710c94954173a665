import json

import pytest
from cases import each
from ollama_requests import answered, asked, options

from modellab.models.generators.ollama.client import was_cut

CUT_BODY = '{"model": "qwen3:4b", "message": {"role":'
INCOMPLETE = json.dumps({"message": {"role": "assistant", "content": "5"}, "done": False})
ONLY_LOADED = json.dumps(
    {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "load"}
)


@pytest.mark.parametrize("fault", [500, 503, 429, "cut", CUT_BODY, INCOMPLETE])
def test_passing_trouble_is_retried(ollama, fault):
    ollama.faults = [fault, fault]
    (row,), _ = answered(options(ollama), asked())
    assert row.error_class is None
    assert row.text.startswith("answer ")
    assert row.retries == 2


@pytest.mark.parametrize(
    ("fault", "error_class"),
    [
        (500, "server_error"),
        (429, "rate_limited"),
        ("cut", "connection"),
        (CUT_BODY, "bad_response"),
        (INCOMPLETE, "bad_response"),
        (ONLY_LOADED, "bad_response"),
        ("[1]", "bad_response"),
        ("null", "bad_response"),
        ('{"model": "m"}', "bad_response"),
        ('{"error": "CUDA error: out of memory"}', "server_error"),
    ],
)
def test_retries_have_an_end(ollama, fault, error_class):
    ollama.faults = [fault] * 3
    (bad,), _ = answered(options(ollama, max_retries=2), asked())
    assert (bad.text, bad.error_class, bad.retries) == (None, error_class, 2)
    assert bad.error
    (good,), _ = answered(options(ollama, max_retries=2), asked())
    assert good.error_class is None


def test_a_refused_request_is_not_retried(ollama):
    ollama.faults = [400]
    (bad, good), _ = answered(options(ollama), asked(2))
    assert (bad.text, bad.error_class, bad.retries) == (None, "bad_request", 0)
    assert "trouble 400" in bad.error
    assert good.error_class is None


@pytest.mark.parametrize(("status", "error_class"), [(404, "not_found"), (401, "auth")])
def test_what_holds_for_all_rows_is_asked_once(ollama, status, error_class):
    ollama.faults = [status]
    rows, report = answered(options(ollama), asked(4))
    assert [row.error_class for row in rows] == [error_class] * 4
    assert report["requests_sent"] == 1


@pytest.mark.parametrize(
    "refusal",
    ['"qwen3:4b" does not support thinking', 'think value "high" is not supported for this model'],
)
def test_a_refused_parameter_ends_the_run_at_the_first_row(ollama, refusal):
    ollama.faults = [(400, refusal)] * 9
    rows, report = answered(options(ollama, think="high"), asked(4))
    assert [row.error_class for row in rows] == ["bad_parameter"] * 4
    assert report["requests_sent"] == 1


ODD = {"prompt_eval_count": "x", "eval_count": -2, "total_duration": "y", "done_reason": 7}


def test_odd_counts_cost_no_answer(ollama):
    message = {"role": "assistant", "content": "fine", "thinking": {"text": "hm"}}
    ollama.faults = [json.dumps({"model": "m", "message": message, "done": True, **ODD})]
    (row,), _ = answered(options(ollama, max_retries=0), asked())
    assert (row.text, row.thought, row.prompt_tokens) == ("fine", "hm", None)


def test_a_context_that_is_too_small_is_a_separate_class(ollama):
    text = "request (7912 tokens) exceeds the available context size (4096 tokens)"
    ollama.faults = [(400, text)]
    (bad,), _ = answered(options(ollama), asked())
    assert (bad.error_class, bad.retries) == ("context_too_long", 0)
    assert "raise `context_tokens`" in bad.error


@each(
    ("evaluated", "context", "prompt_bytes", "cut"),
    [
        (4096, 4096, 9000, True),
        (2050, 4096, 9000, True),  # half of the context and two
        (2051, 4096, 9000, False),
        (2300, 4096, 40_000, True),  # 40,000 bytes are more tokens than that
        (300, 4096, 1200, False),
    ],
)
def test_cut_prompts_are_recognised(evaluated, context, prompt_bytes, cut):
    assert was_cut(evaluated, context, prompt_bytes) is cut


def test_an_error_page_that_is_no_error_object(ollama):
    with options(ollama, max_retries=0).open(0, {}) as model:
        original = ollama.find
        ollama.find = lambda name: None
        (row,) = model.answer(asked())
        ollama.find = original
    assert row.error_class == "not_found"


def test_a_slow_answer(ollama):
    ollama.faults = [0.6]
    (slow, good), _ = answered(options(ollama, timeout_seconds=0.2, max_concurrent=1), asked(2))
    assert (slow.text, slow.error_class, slow.retries) == (None, "timeout", 0)
    assert "0.2 s" in slow.error
    assert good.error_class is None


def test_a_server_that_dies_in_the_middle(ollama):
    ollama.faults = [0.0, 0.0, lambda server: setattr(server, "dead", True)]
    rows, report = answered(options(ollama, max_retries=2), asked(6))
    assert [row.error_class for row in rows] == [None] * 3 + ["connection"] * 3
    assert [row.retries for row in rows[3:]] == [2, 2, 2]
    assert report["unloaded"] is False
    assert "could not be unloaded" in report["warnings"][0]


def test_a_server_that_comes_back(ollama):
    requests = asked(3)
    with options(ollama, max_retries=1).open(0, {}) as model:
        ollama.dead = True
        (lost,) = model.answer(requests[:1])
        ollama.dead = False
        found = list(model.answer(requests[1:]))
    assert lost.error_class == "connection"
    assert [row.error_class for row in found] == [None, None]
