"""What servers say when they refuse, in the words of many APIs, and what follows from it."""

import time
from email.utils import formatdate

import httpx
import pytest

from modellab.models.asking.failures import by_status, classify

TOO_LONG = [
    "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    "prompt is too long: 210000 tokens > 200000 maximum",
    "The decoder prompt (length 9000) is longer than the maximum model length of 8192.",
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000",
    "Input length (9000 tokens) exceeds the maximum allowed length (8192 tokens).",
    "the request exceeds the available context size, try increasing it",
    "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
]
NO_KEY = [
    "API key not valid. Please pass a valid API key. (API_KEY_INVALID)",
    "Incorrect API key provided: sk-***",
    "Invalid API-key provided.",
]
NO_MONEY = [
    "Your credit balance is too low to access the Anthropic API.",
    "Insufficient credits. Add more using https://example.org/credits",
    "You have insufficient funds",
    "Insufficient Balance",
]


@pytest.mark.parametrize("text", TOO_LONG)
@pytest.mark.parametrize("status", [400, 413, 422, 500])
def test_a_prompt_that_is_too_long(status, text):
    found = by_status(status, text, {})
    assert (found.error_class, found.retry) == ("context_too_long", False)


@pytest.mark.parametrize("text", NO_KEY)
def test_a_key_that_is_refused_as_a_bad_request(text):
    found = by_status(400, text, {})
    assert (found.error_class, found.fatal) == ("auth", True)


@pytest.mark.parametrize("text", NO_MONEY)
@pytest.mark.parametrize("status", [400, 402, 403, 429])
def test_an_account_without_money(status, text):
    found = by_status(status, text, {})
    assert (found.error_class, found.fatal) == ("quota", True)


GEMINI = (
    "You exceeded your current quota, please check your plan and billing details. "
    "Please retry in 34.07s. (RESOURCE_EXHAUSTED)"
)


def test_a_quota_that_says_when_it_is_there_again_is_a_rate():
    found = by_status(429, GEMINI, {})
    assert (found.error_class, found.retry_after) == ("rate_limited", pytest.approx(34.07))
    lasting = by_status(429, "You exceeded your current quota (insufficient_quota)", {})
    assert lasting.error_class == "quota"


WAITS = {
    "7": 7,
    " 7 ": 7,
    "1.5": 1.5,
    "+3": 3,
    "7s": 7,
    "250ms": 0.25,
    "1m30s": 90,
    "6m0s": 360,
    "1h": 3600,
    "-1": 0,
    "": None,
    "soon": None,
    "Fri, 31 Dec 99999 23:59:59 GMT": None,
    "nan": None,
    "1e400": None,
}


@pytest.mark.parametrize("value", WAITS)
def test_a_wait_in_all_its_forms(value):
    assert by_status(429, "busy", {"retry-after": value}).retry_after == WAITS[value]


def test_a_wait_until_a_date():
    in_a_minute = time.time() + 60
    iso = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(in_a_minute))
    for value in (formatdate(in_a_minute, usegmt=True), iso, f"{in_a_minute:.0f}"):
        after = by_status(503, "busy", {"retry-after": value}).retry_after
        assert after == pytest.approx(60, abs=2)
    past = by_status(429, "busy", {"retry-after": formatdate(1, usegmt=True)})
    assert past.retry_after == 0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Rate limit reached for m: Limit 3, Used 3. Please try again in 20s.", 20),
        ("Please try again in 6m0s. Visit https://example.org", 360),
        ("Please try again in 820ms.", 0.82),
        ("Please retry after 17 seconds.", 17),
        ("Slow down.", None),
    ],
)
def test_a_wait_in_the_text(text, seconds):
    assert by_status(429, text, {}).retry_after == pytest.approx(seconds)


def failed(status, body, kind="application/json", headers=None):
    request = httpx.Request("POST", "http://h/v1/chat/completions")
    data = {"text": body} if isinstance(body, str) else {"json": body}
    response = httpx.Response(status, request=request, **data)
    response.headers.update({"content-type": kind, **(headers or {})})
    return classify(httpx.HTTPStatusError("x", request=request, response=response))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"error": {"message": "bad", "param": "top_k", "code": None}}, "bad (top_k)"),
        ([{"error": {"code": 400, "message": "bad", "status": "INVALID"}}], "bad (INVALID)"),
        ({"errors": [{"message": "bad"}]}, "bad"),
        ({"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs"}]}, "seed"),
        ({"msg": "bad", "code": 1113}, "bad (1113)"),
        ({"error": "bad"}, "bad"),
    ],
)
def test_what_an_error_says_in_all_its_forms(body, says):
    found = failed(400, body)
    assert says in found.text
    assert found.error_class == "bad_request"


def test_a_page_is_told_by_its_title():
    page = "<!DOCTYPE html><html><head><style>p {}</style><title>502 Bad Gateway</title></head>"
    found = failed(502, page, "text/html")
    assert found.error_class == "server_error"
    assert found.text == "a web page: 502 Bad Gateway"


def test_a_redirect_says_where_to():
    found = failed(302, "", headers={"location": "https://login.example/"})
    assert found.error_class == "not_found"
    assert "https://login.example/" in found.text
