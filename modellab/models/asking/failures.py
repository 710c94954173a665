"""Classes of failed requests: which may succeed later, and which hold for all requests."""

import json
import re
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from modellab.models.asking.wording import (
    ALIASES,
    ANSWER_LIMIT,
    BUSY,
    FILTERED,
    NO_MONEY,
    NO_QUOTA,
    REFUSES,
    REQUEST_TOO_LARGE,
    TOO_LONG,
    UNKNOWN_MODEL,
    WRONG_KEY,
)

#: longer error texts are cut
LONGEST_TEXT = 500
#: the longest wait in seconds for which a date is named
LONGEST_WAIT = 1e9


#: a wait time in the text of an error
_WAIT = re.compile(
    r"(?:try again|retry|retryDelay|wait)\b.{0,12}?\b(?:in|after|for)? ?"
    r"((?:\d+(?:\.\d+)? ?(?:h|ms|m|s)[a-z]* ?)+)",
    re.IGNORECASE,
)
_DURATION = re.compile(r"(\d+(?:\.\d+)?) ?(h|ms|m|s)[a-z]* ?", re.IGNORECASE)
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
#: a number this close to the current Unix time is a time, not a duration
_NEAR = 10 * 365 * 86_400.0
#: larger Unix times are in milliseconds
_MILLISECONDS = 1e11
#: HTTP status codes below 500 of transient failures
_TRANSIENT = frozenset({409, 424, 425, 498, 499})
_TAG = re.compile(r"<[^>]*>")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
#: aiohttp's note about TLS, with an address in memory that differs from run to run
_TLS_OBJECT = re.compile(r" ssl:(default|<ssl\.SSLContext object at 0x[0-9a-f]+>)")
_NO_CREDENTIALS = {"NoCredentialsError", "PartialCredentialsError", "NoRegionError"}


#: what to do about a refused parameter, where the config can leave it out
_SENT_NOT = {
    "temperature": "`temperature: null` sends none",
    "seed": "`seed: false` sends none",
    "logprobs": "leave `confidence` out",
    "response_format": "leave `answer_format` out",
    "think": "leave `think` out",
}


@dataclass(frozen=True)
class Failure:
    """One failed attempt.

    Attributes:
        retry: the next attempt may succeed.
        at_once: without waiting, as the next attempt sends a different request.
        fatal: every request to this model will fail in the same way.
        overload: "reported" by the server, "suspected" by signs of it, or neither (None).
        retry_after: seconds that the server asked to wait.
        billed: it may have cost something.
    """

    error_class: str
    text: str
    retry: bool = False
    at_once: bool = False
    fatal: bool = False
    overload: Literal["reported", "suspected"] | None = None
    retry_after: float | None = None
    billed: bool = False


@dataclass(frozen=True)
class Reply:
    """An answer and its usage; None for what the server does not report.

    Attributes:
        thought: the reasoning, where the server separates it from the text.
        answered_as: the name of the model in the reply.
        seconds: its own time for the answer, without loading a model or waiting.
        confidence: the geometric mean of the tokens' probabilities, 0 to 1.
        cached_tokens: of the prompt's, those that the server had in its cache.
    """

    text: str
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    thought: str | None = None
    thought_tokens: int | None = None
    answered_as: str | None = None
    seconds: float | None = None
    confidence: float | None = None
    cached_tokens: int | None = None

    def row(self) -> dict[str, Any]:
        """Its fields of a response, without the text."""
        found = asdict(self)
        return {name: found[name] for name in found if name not in ("text", "seconds")}


NO_REPLY = Reply("")


class BadReplyError(Exception):
    """The server replied, but there is no usable answer in it; `failure` is its class."""

    def __init__(self, failure: Failure, reply: Reply = NO_REPLY) -> None:
        super().__init__(failure.text)
        self.failure = failure
        self.reply = reply


def bad_response(text: str) -> Failure:
    return Failure("bad_response", text, retry=True, billed=True)


def classify(error: BaseException) -> Failure:
    """The failure that an exception of a client library, or of a layer below it, means.

    Classes of the libraries do not help: LiteLLM turns a lost connection and truncated JSON into
    an internal server error. The original error hangs on the exception as context or cause.
    """
    import httpx

    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain:
        chain.append(following)
        following = following.__cause__ or following.__context__
    for link in chain:
        if isinstance(link, httpx.TooManyRedirects):
            return Failure("not_found", f"{link}: correct base_url", fatal=True)
        if isinstance(link, httpx.HTTPStatusError):
            response = link.response
            return by_status(response.status_code, _error_text(response), response.headers)
    text = _words(error)
    if any(type(link).__name__ in _NO_CREDENTIALS for link in chain):
        return Failure("auth", text, fatal=True)
    return _on_the_wire(chain, text) or _without_status(error, chain, text)


def by_status(status: int, text: str, headers: Mapping[str, str]) -> Failure:
    """The failure behind an HTTP status from 300 on."""
    if status < 400:
        where = headers.get("location", "nowhere")
        moved = f"the server redirects to {where}: correct base_url"
        return Failure("not_found", moved, fatal=True)
    after = retry_after(headers)
    if after is None and (wait := _WAIT.search(text)):
        after = _duration(wait[1])
    if after is None and status == 429:
        after = _reset_after(headers)
    refused = _refused(status, text, after)
    if refused:
        return refused
    if status == 429:
        return Failure("rate_limited", text, retry=True, overload="reported", retry_after=after)
    if status in (503, 529) or (status in (400, 422) and BUSY.search(text)):
        return Failure("server_error", text, retry=True, overload="reported", retry_after=after)
    if status == 408:
        return Failure("timeout", text, retry=True, overload="suspected", billed=True)
    if status >= 500 or status in _TRANSIENT:
        return Failure("server_error", text, retry=True, overload="suspected", retry_after=after)
    return Failure("bad_request", text)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait, from its headers; None where it does not say."""
    millis = _number(headers.get("retry-after-ms", ""))
    if millis is not None:
        return max(0.0, millis / 1000)
    return _seconds_until(headers.get("retry-after", "").strip())


def _reset_after(headers: Mapping[str, str]) -> float | None:
    """Seconds until the limits that are used up are reset, from the headers about limits."""
    waits = [
        _seconds_until(value)
        for name, value in headers.items()
        if "ratelimit" in name.lower()
        and "reset" in name.lower()
        and headers.get(name.lower().replace("reset", "remaining")) == "0"
    ]
    return max((wait for wait in waits if wait is not None), default=None)


def _seconds_until(value: str) -> float | None:
    """Seconds from now: of a number, a duration, a moment or a date; None for anything else."""
    seconds, now = _number(value), time.time()
    if seconds is not None:
        moment = seconds / 1000 if seconds > _MILLISECONDS else seconds
        return max(0.0, moment - now if abs(moment - now) < _NEAR else seconds)
    if (duration := _duration(value)) is not None:
        return duration
    # a date of HTTP or ISO 8601
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        with suppress(TypeError, ValueError, OverflowError, OSError):
            return max(0.0, read(value).timestamp() - now)
    return None


def quota_if_wait_too_long(failure: Failure, longest: float, now: datetime) -> Failure:
    """The failure; one of quota where the server asks for a wait of over `longest` seconds."""
    after = failure.retry_after
    if after is None or after <= longest:
        return failure
    until = now + timedelta(seconds=min(after, LONGEST_WAIT))
    text = (
        f"the server takes no request until {until:%Y-%m-%d %H:%M %Z} (Retry-After of {after:.0f} "
        f"s, more than max_retry_seconds of {longest:g}): {failure.text}"
    )
    return Failure("quota", text, fatal=True)


def refused_parameter(failure: Failure, sent: Collection[str]) -> Failure:
    """The failure, as `bad_parameter` where the provider refuses one of the parameters."""
    words = {name: ALIASES.get(name, re.escape(name)) for name in sent}
    named = [
        name for name in sent if re.search(rf"\b({words[name]})\b", failure.text, re.IGNORECASE)
    ]
    if failure.error_class == "not_found" and "requested parameters" in failure.text:
        named = ["one of " + ", ".join(sent)]  # OpenRouter, of all providers of a model
    elif failure.error_class == "auth":
        named = named if "not allowed to" in failure.text else []
    elif failure.error_class != "bad_request" or not REFUSES.search(failure.text):
        named = []
    if not named:
        return failure
    advice = _SENT_NOT.get(named[0], "change the key in the config")
    text = f"the provider refuses {named[0]}: {failure.text} ({advice})"
    return Failure("bad_parameter", text, fatal=True)


def _refused(status: int, text: str, after: float | None) -> Failure | None:
    """Failures that do not go away on retry."""
    too_long = TOO_LONG.search(text) and not ANSWER_LIMIT.search(text)
    too_large = status in (400, 422, 429) and REQUEST_TOO_LARGE.search(text)
    if status == 413 or too_large or (status in (400, 422, 500) and too_long):
        return Failure("context_too_long", text)
    if status in (400, 403, 422) and FILTERED.search(text):
        return Failure("content_filter", text)
    if status == 400 and "tool_use_failed" in text:  # Groq
        return Failure("tool_call", text)
    if status in (404, 405, 410) or (status in (400, 422) and UNKNOWN_MODEL.search(text)):
        return Failure("not_found", text, fatal=True)
    no_money = status in (400, 403, 429) and NO_MONEY.search(text)
    no_quota = status == 429 and after is None and NO_QUOTA.search(text)
    if status == 402 or no_money or no_quota:
        return Failure("quota", text, fatal=True)
    if status in (401, 403, 407) or (status == 400 and WRONG_KEY.search(text)):
        return Failure("auth", text, fatal=True)
    return None


def _on_the_wire(chain: list[BaseException], text: str) -> Failure | None:
    """A timeout or a lost connection; it may have been billed, unless none was made."""
    import aiohttp
    import httpx

    connected = not any(
        isinstance(link, httpx.ConnectError | httpx.ConnectTimeout) for link in chain
    )
    if any(isinstance(link, TimeoutError | httpx.TimeoutException) for link in chain):
        late = text or "no answer within timeout_seconds"
        return Failure("timeout", late, retry=True, overload="suspected", billed=connected)
    lost = httpx.TransportError | aiohttp.ClientError
    found = [link for link in chain if isinstance(link, lost)]
    if not found:
        return None
    # the innermost of these names the host
    last: Any = found[-1]
    cut = f"{type(last).__name__}: {_words(last)}"
    with suppress(AttributeError, RuntimeError):
        cut += f" ({last.request.url.netloc.decode()})"
    return Failure("connection", cut, retry=True, overload="suspected", billed=connected)


def _without_status(error: BaseException, chain: list[BaseException], text: str) -> Failure:
    """Not an HTTP error: the library rejected the request, or could not parse the reply."""
    unreadable = json.JSONDecodeError | AttributeError | TypeError | LookupError
    status = getattr(error, "status_code", None)
    if any(isinstance(link, unreadable) for link in chain) or not isinstance(status, int):
        return bad_response(text)
    # LiteLLM gives 500 to replies that it cannot read; other numbers are in an error reply
    return by_status(status, text, {}) if status >= 400 and status != 500 else bad_response(text)


def _error_text(response: Any) -> str:
    """The message, code and parameter in the body of an HTTP error, else the body."""
    text = " ".join(response.text.split())
    try:
        body = response.json()
    except ValueError:
        return web_page(text) or text or f"HTTP status {response.status_code}"
    body = body[0] if isinstance(body, list) and len(body) == 1 else body
    found = body.get("error") or body.get("errors") or body if isinstance(body, Mapping) else body
    return error_message(found) or text


def web_page(text: str) -> str | None:
    """Names a page of HTML, by its title if it has one; None for other text."""
    if title := _TITLE.search(text):
        return f"a web page: {title[1].strip()}"
    page = text.lstrip()[:15].lower().startswith(("<!doctype html", "<html"))
    # not cut here: part of a key that the page holds would not be recognised as one
    return f"a web page: {' '.join(_TAG.sub(' ', text).split())}" if page else None


def error_message(error: Any) -> str:
    """The message in an error's object, with its code, parameter and upstream error."""
    error = error[0] if isinstance(error, list) and len(error) == 1 else error
    if not isinstance(error, Mapping):
        return f"{error}"
    texts = (error.get(name) for name in ("message", "detail", "msg", "status_msg"))
    message = next((text for text in texts if text), None)
    if not isinstance(message, str):
        return ""
    code = error.get("code") or error.get("type")
    named = [error.get("status") if isinstance(code, int) else code, error.get("param")]
    if not any(named):
        named = [code]
    # OpenRouter has the provider's message in a separate field, Google the time until a retry
    metadata, details = error.get("metadata"), error.get("details")
    named += [metadata.get("raw")] if isinstance(metadata, Mapping) else []
    for detail in details if isinstance(details, list) else []:
        if isinstance(detail, Mapping) and "retryDelay" in detail:
            named.append(f"retry in {detail['retryDelay']}")
    more = [f"{one}" for one in named if one and f"{one}" not in message]
    return f"{message} ({', '.join(more)})" if more else message


def _words(error: BaseException) -> str:
    """The text of an exception, on one line."""
    return _TLS_OBJECT.sub("", " ".join(str(error).split()))


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[+-]?\d{1,15}(\.\d*)?", text.strip()) else None


def _duration(text: str) -> float | None:
    """Seconds of a duration such as `1m30s`."""
    parts = _DURATION.findall(text)
    if not parts or _DURATION.sub("", text).strip():
        return None
    return sum(float(number) * _SECONDS[unit.lower()] for number, unit in parts)
