"""What servers say when they refuse, in the words of many APIs, and what follows from it."""

import time
from email.utils import formatdate

import httpx
import pytest
from cases import each

from modellab.models.asking.failures import by_status, classify

TOO_LONG = [
    "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    "prompt is too long: 210000 tokens > 200000 maximum",
    "The decoder prompt (length 9000) is longer than the maximum model length of 8192.",
    "'max_tokens' is too large: 256. This model's maximum context length is 4096 tokens",
    "max_tokens must be at least 1, got -904. (parameter=max_tokens, value=-904)",
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000",
    "Input validation error: `inputs` must have less than 4096 tokens. Given: 5000",
    "Input length (9000 tokens) exceeds the maximum allowed length (8192 tokens).",
    "Input length 9000 exceeds maximum allowed token size 8192",
    "the request exceeds the available context size, try increasing it",
    "context shift is disabled",
    "input is too large to process. increase the physical batch size (tokens: 5000)",
    "The number of tokens to keep is greater than the context length (n_keep: 5000>= n_ctx: 4096)",
    "Reached context length of 4096 tokens with this model",
    "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
    "Prompt contains 70000 tokens, too large for model with 32768 maximum context length",
    "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000.",
    "Malformed input request: expected maxLength: 42000, actual: 50000, please reformat",
    "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    "InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]",
    "Prompt exceeds max length",
    "Invalid request: Your request exceeded model token limit: 8192",
    "Please reduce the length of the messages or completion. Current length is 9000",
    "prompt token count of 70000 exceeds the limit of 64000",
    "Prompt length 5000 exceeds maximum sequence length 4096",
    "Invalid 'messages[0].content': string too long. Expected a maximum length of 1048576",
    "Your input exceeds the context window of this model. Please adjust your input",
    "litellm.ContextWindowExceededError: too many",
    "Input exceeds the model's limit of 32000 tokens",
    "Sequence length exceeds the limit: 8200 > 8192",
    "This model only supports single prompt with up to 4096 tokens, got 5000",
    "\u8d85\u51fa\u6700\u5927\u957f\u5ea6\u9650\u5236",
    "\u8f93\u5165\u957f\u5ea6\u8d85\u8fc7\u6a21\u578b\u9650\u5236",
    "so generating 1 tokens needs 5001, but the maximum supported sequence length is just 4096!",
    "The sum of prompt length (2000.0), query length (0) should not exceed max_num_tokens (2048)",
    "Prompt length 5000 is greater than max_seq_len 4096",
    "internal error happened, status code ResponseType.INPUT_LENGTH_ERROR",
    "the number of input tokens 5000 cannot exceed the total tokens limit 4096 for this model",
    "number of input tokens must be no more than 8192, got 9000",
    "length of prompt_tokens (40000) must be less than max_seq_len (32768).",
    "Total tokens of image and text exceed max message tokens",
    "The input token count is 40000 but model only supports up to 32768.",
    "prompt tokens too long (336007)",
    "the max input characters is 20000",
    "The request's total number of tokens, 5000, exceeds the model's limit of 4096",
    "Your request exceeds the maximum number of tokens",
    "Input prompt (9000 tokens) is too long and exceeds limit of 8192",
    "tokens_limit_reached: Request body too large for m. Max size: 8000 tokens.",
    "prompt is larger than n_ctx",
]
FILTERED = [
    "The response was filtered due to the prompt triggering jailbreak detection",
    "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
    "Your input was flagged for violence",
    "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO",
    "Content Exists Risk",
    "Input data may contain inappropriate content.",
    "\u7cfb\u7edf\u68c0\u6d4b\u5230\u654f\u611f\u5185\u5bb9",
    "The request was rejected because it was considered high risk",
]
NO_KEY = [
    "API key not valid. Please pass a valid API key. (API_KEY_INVALID)",
    "Incorrect API key provided: sk-***",
    "Invalid API-key provided.",
    "API key expired. Please renew the API key.",
    "User location is not supported for the API use.",
    "API Key not found. Please pass a valid API key.",
    "No API key provided",
    "Missing API key",
    "invalid x-api-key",
    "Unauthorized",
    "Authentication Fails",
    "Please provide a valid API key",
    "Bad Request: invalid token",
]
NO_MONEY = [
    "Your credit balance is too low to access the Anthropic API.",
    "Insufficient credits. Add more using https://example.org/credits",
    "You have insufficient funds",
    "Insufficient Balance",
    "Key limit exceeded (daily limit).",
    "Billing hard limit has been reached",
    "Budget has been exceeded! Current cost: 0.13, Max budget: 0.1",
    "\u4f59\u989d\u4e0d\u8db3",
    "You have reached your specified API usage limits. You will regain access on 2026-12-01.",
    "you have reached your weekly usage limit, please upgrade to continue",
    "Your team has either used all available credits or reached its monthly spending limit.",
    "The free tier of the model has been exhausted (AllocationQuota.FreeTierOnly)",
    "Access denied, please make sure your account is in good standing. (Arrearage)",
]
NO_MODEL = [
    "m is not a valid model ID",
    "The model `m` has been decommissioned and is no longer supported.",
    "No models loaded. Please load a model in the developer page",
    "Invalid model name passed in model=m.",
    "Model Not Exist",
    "Unexpected endpoint or method. (POST /chat/completions)",
    "Model not found: m",
    'Model "m" is not loaded',
    "The model m is not available",
    "model: no such model",
    "m is not a chat model and thus not supported in the v1/chat/completions endpoint",
    "Unable to access non-serverless model m. Please create a new dedicated endpoint",
    "model 'm' is not supported by any provider you have enabled",
    "The requested model is not supported",
    "The API deployment for this resource does not exist (DeploymentNotFound)",
    "LLM Provider NOT provided. Pass in the LLM provider you are trying to call.",
    "could not load model - all backends returned error",
]
BUSY = [
    "The engine is currently overloaded, please try again later",
    "Model unloaded.",
    "The model has crashed without additional information. (Exit code: null)",
    "Service is too busy. We advise users to switch to another API",
    "The server is busy",
]


REFUSED = [
    (TOO_LONG, (400, 413, 422, 500), "context_too_long"),
    (FILTERED, (400, 403), "content_filter"),
    (NO_MODEL, (400, 422), "not_found"),
    (BUSY, (400,), "server_error"),
    (NO_KEY, (400,), "auth"),
    (NO_MONEY, (400, 402, 403, 429), "quota"),
]


@each(
    ("status", "text", "error_class"),
    [(s, text, known) for texts, statuses, known in REFUSED for s in statuses for text in texts],
)
def test_what_a_server_says_decides_and_not_its_status(status, text, error_class):
    found = by_status(status, text, {})
    assert found.error_class == error_class
    assert found.retry == (error_class == "server_error")
    assert found.fatal == (error_class in ("not_found", "auth", "quota"))


@pytest.mark.parametrize("text", ["Request too large for m: Limit 6000, Requested 7000", "<html>"])
def test_a_request_that_is_larger_than_any_limit(text):
    statuses = (413,) if text == "<html>" else (400, 413, 429)
    found = {by_status(status, text, {}).error_class for status in statuses}
    assert found == {"context_too_long"}


@each(
    ("status", "error_class", "retry"),
    [
        *((status, "server_error", True) for status in (409, 424, 425, 498, 499, 500, 524, 529)),
        *((status, "not_found", False) for status in (308, 404, 405, 410)),
        *((407, "auth", False), (418, "bad_request", False)),
    ],
)
def test_a_status_without_words(status, error_class, retry):
    found = by_status(status, "x", {})
    assert (found.error_class, found.retry) == (error_class, retry)


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


@each("value", WAITS)
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
    millis = by_status(429, "busy", {"retry-after-ms": "250", "retry-after": "1"})
    assert (millis.retry_after, by_status(429, "busy", {}).retry_after) == (0.25, None)


def test_a_wait_until_a_limit_is_reset():
    def wait(reset, remaining="0", name="x-ratelimit-reset-requests"):
        headers = {name: reset, name.replace("reset", "remaining"): remaining}
        return by_status(429, "busy", headers).retry_after

    assert (wait("1m2s"), wait("3"), wait("1s", "7"), wait("soon")) == (62, 3, None, None)
    in_a_minute = time.time() + 60
    assert wait(f"{in_a_minute * 1000:.0f}", name="x-ratelimit-reset") == pytest.approx(60, abs=2)
    iso = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(in_a_minute))
    name = "anthropic-ratelimit-requests-reset"
    assert wait(iso, name=name) == pytest.approx(60, abs=2)
    both = {"retry-after": "5", "x-ratelimit-reset": "9", "x-ratelimit-remaining": "0"}
    assert by_status(429, "busy", both).retry_after == 5


@each(
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


@each(
    ("body", "says"),
    [
        ({"error": {"message": "bad", "param": "top_k", "code": None}}, "bad (top_k)"),
        ([{"error": {"code": 400, "message": "bad", "status": "INVALID"}}], "bad (INVALID)"),
        ({"errors": [{"message": "bad"}]}, "bad"),
        ({"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs"}]}, "seed"),
        ({"msg": "bad", "code": 1113}, "bad (1113)"),
        ({"error": "bad"}, "bad"),
        (
            {"error": {"message": "no", "code": 400, "metadata": {"raw": "bad x"}}},
            "no (400, bad x)",
        ),
        ({"error": {"message": "no", "details": [{"retryDelay": "9s"}]}}, "no (retry in 9s)"),
    ],
)
def test_what_an_error_says_in_all_its_forms(body, says):
    found = failed(400, body)
    assert says in found.text
    assert found.error_class == "bad_request"


def test_a_page_is_reported_by_its_title():
    page = "<!DOCTYPE html><html><head><style>p {}</style><title>502 Bad Gateway</title></head>"
    found = failed(502, page, "text/html")
    assert found.error_class == "server_error"
    assert found.text == "a web page: 502 Bad Gateway"


def test_a_redirect_says_where_to():
    found = failed(302, "", headers={"location": "https://login.example/"})
    assert found.error_class == "not_found"
    assert "https://login.example/" in found.text
