"""What is sent for a row, and what the row says."""

from dataclasses import replace

import pytest
from api_samples import KEY, number_of, request, requests
from fault_server import Play, bad, good

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}


def test_rows_say_what_they_took(run):
    outcome = run(lambda body, number: good("42", 1000, 10, seconds=0.05), model="gpt-4o")
    response = outcome.only
    assert (response.text, response.finish_reason, response.retries) == ("42", "stop", 0)
    assert (response.prompt_tokens, response.completion_tokens) == (1000, 10)
    assert response.cost_usd == pytest.approx(0.0026)
    assert 0.05 <= response.latency_seconds < 1
    assert response.queue_seconds >= 0
    assert response.batch_size is None


def test_what_the_server_does_not_report_is_none(run):
    outcome = run(lambda body, number: good("42", None, 0), model="gpt-4o")
    assert outcome.only.text == "42"
    assert outcome.only.prompt_tokens is outcome.only.completion_tokens is None
    assert outcome.only.cost_usd is None


def test_a_model_without_a_price_has_no_cost(run):
    outcome = run(lambda body, number: good("42"))
    assert (outcome.only.prompt_tokens, outcome.only.cost_usd) == (10, None)


def test_the_wait_for_a_retry_is_not_latency(run):
    def play(body, number):
        return good() if number else bad(429, headers={"retry-after-ms": "300"})

    response = run(play).only
    assert response.queue_seconds > 0.25 > response.latency_seconds


def test_requests_have_the_decoding(run):
    outcome = run(
        lambda body, number: good(),
        schema=SCHEMA,
        max_new_tokens=7,
        temperature=0.5,
        top_p=0.9,
        stop=["\n"],
        answer_format="json_schema",
    )
    [body] = outcome.server.bodies
    assert body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Answer."},
            {"role": "user", "content": "What? 0"},
        ],
        "max_tokens": 7,
        "temperature": 0.5,
        "top_p": 0.9,
        "stop": ["\n"],
        "seed": 0,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA},
        },
    }


def test_what_is_not_wanted_is_not_sent(run):
    [body] = run(lambda body, number: good()).server.bodies
    assert set(body) == {"model", "messages", "max_tokens", "temperature"}


def test_each_request_has_its_seed(run):
    outcome = run(lambda body, number: good(), 5, temperature=1.0)
    assert sorted(body["seed"] for body in outcome.server.bodies) == [0, 1, 2, 3, 4]
    outcome = run(lambda body, number: good(), 1, temperature=1.0, seed=0)
    assert "seed" in outcome.server.bodies[0]


def test_answers_do_not_depend_on_their_order(run):
    def play(body, number):
        return good(f"answer {number_of(body)}", seconds=0.02 if number % 3 else 0.06)

    outcome = run(play, 20)
    turned = run(play, requests(20)[::-1])
    expected = {number: f"answer {number}" for number in range(20)}
    assert {number: row.text for number, row in outcome.responses.items()} == expected
    assert {number: row.text for number, row in turned.responses.items()} == expected


def test_the_request_is_what_litellm_sends(run):
    outcome = run(lambda body, number: good(), [request(0, "Wie viele Öfen? ½")])
    assert outcome.server.bodies[0]["messages"][1]["content"] == "Wie viele Öfen? ½ 0"


def test_pictures_go_along(run, tmp_path):
    (tmp_path / "page.png").write_bytes(b"picture")
    asked = request(0)
    picture = replace(asked.messages[1], images=(str(tmp_path / "page.png"),))
    outcome = run(lambda body, number: good(), [replace(asked, messages=(picture,))])
    [message] = outcome.server.bodies[0]["messages"]
    assert message["content"] == [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,cGljdHVyZQ=="}},
        {"type": "text", "text": "What? 0"},
    ]


def test_a_picture_that_is_not_there_is_a_failed_row(run):
    asked = request(0)
    picture = replace(asked.messages[1], images=("nowhere/page.png",))
    outcome = run(lambda body, number: good(), [replace(asked, messages=(picture,)), request(1)])
    assert outcome.classes() == ["bad_image", None]
    assert "nowhere/page.png" in outcome.responses[0].error


@pytest.mark.parametrize(
    "model", ["openrouter/a/b", "mistral/a", "deepseek/a", "dashscope/a", "hosted_vllm/a"]
)
def test_other_providers_go_the_same_way(run, model):
    play = {0: bad(429, headers={"retry-after-ms": "10"}), 1: Play(cut="before"), 2: Play(raw=b"{")}
    outcome = run(lambda body, number: play.get(number, good()), 3, model=model, max_concurrent=2)
    assert outcome.classes() == [None] * 3
    assert outcome.report["failed_attempts"] == {
        "bad_response": 1,
        "connection": 1,
        "rate_limited": 1,
    }
    assert len(outcome.server.bodies) == 6
    assert outcome.server.highest <= 2
    outcome = run(lambda body, number: bad(404, f"no model, Bearer {KEY}"), 9, model=model)
    assert outcome.classes() == ["not_found"] * 9
    assert KEY not in str(outcome.responses)


def test_cached_tokens_are_counted_and_priced(run):
    def play(body, number):
        answer = good("42", 1000, 10)
        answer.body["usage"]["prompt_tokens_details"] = {"cached_tokens": 400}
        return answer

    response = run(play, model="gpt-4o").only
    assert response.cached_tokens == 400
    assert response.cost_usd == pytest.approx((600 * 2.5 + 400 * 1.25 + 10 * 10) / 1e6)


def test_equal_beginnings_follow_each_other_where_that_is_cheaper(run):
    asked = [
        replace(one, messages=(replace(one.messages[-1], content=f"{'ba'[n % 2]} {n}"),))
        for n, one in enumerate(requests(6))
    ]

    def sent(model):
        bodies = run(
            lambda body, number: good(), asked, model=model, max_concurrent=1
        ).server.bodies
        return [body["messages"][-1]["content"][0] for body in bodies]

    assert sent("gpt-4o") == list("aaabbb")
    assert sent("m") == list("bababa")
