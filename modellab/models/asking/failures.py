"""What went wrong with a request, and what follows from it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal

#: error texts that are longer are cut
LONGEST_TEXT = 500
#: the longest wait in seconds for which a date is named
LONGEST_WAIT = 1e9

_TOO_LONG = re.compile(
    r"context[ _](length|window|size|limit)|maximum context|prompt is too long|too many tokens"
    r"|input is too long|longer than the model|range of input length",
    re.IGNORECASE,
)
_FILTERED = re.compile(
    r"content[ _-]?(filter|policy|management)|moderation|data_inspection_failed|safety system"
    r"|guardrail|responsibleai",
    re.IGNORECASE,
)
_UNKNOWN_MODEL = re.compile(
    r"model_not_found|not a valid model|model not exist|model identifier is invalid"
    r"|unknown model|invalid model",
    re.IGNORECASE,
)
_NO_QUOTA = re.compile(
    r"insufficient_quota|exceeded your current quota|insufficient balance|billing", re.IGNORECASE
)
#: what aiohttp says of TLS, with an address in memory that differs from run to run
_TLS_OBJECT = re.compile(r" ssl:(default|<ssl\.SSLContext object at 0x[0-9a-f]+>)")
_NO_CREDENTIALS = {"NoCredentialsError", "PartialCredentialsError", "NoRegionError"}


@dataclass(frozen=True)
class Failure:
    """One failed attempt.

    Attributes:
        retry: the next attempt may succeed.
        at_once: without a wait, as the next attempt sends another request.
        fatal: every request to this model will fail in the same way.
        overload: the server says that it is overloaded, only shows it, or neither (None).
        retry_after: seconds that the server asked to wait.
        billed: it may have cost something.
    """

    error_class: str
    text: str
    retry: bool = False
    at_once: bool = False
    fatal: bool = False
    overload: Literal["said", "shown"] | None = None
    retry_after: float | None = None
    billed: bool = False


@dataclass(frozen=True)
class Reply:
    """An answer, and what the server says about it; None where it does not say.

    Attributes:
        thought: what the server keeps apart from the text.
        model: the name that the server answers under.
        seconds: its own time for the answer, without loading a model or waiting.
        confidence: the geometric mean of the tokens' probabilities, 0 to 1.
        cached_tokens: of the prompt's, those that the server had in its cache.
    """

    text: str
    finish_reason: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    thought: str | None = None
    thought_tokens: int | None = None
    model: str | None = None
    seconds: float | None = None
    confidence: float | None = None
    cached_tokens: int | None = None


#: what is left of a reply that holds nothing
NO_REPLY = Reply("", None, None, None)


class BadReplyError(Exception):
    """The server replied, but there is no answer to use in it; `failure` says what it is."""

    def __init__(self, failure: Failure, reply: Reply = NO_REPLY) -> None:
        super().__init__(failure.text)
        self.failure = failure
        self.reply = reply


def bad_response(text: str) -> Failure:
    return Failure("bad_response", text, retry=True, billed=True)


def classify(error: BaseException) -> Failure:
    """The failure that an exception of a client library, or of what is underneath, stands for.

    The libraries' own classes are no guide: LiteLLM turns a cut connection and a torn JSON text
    into an internal server error. What it was first hangs on the exception as context or cause.
    """
    import httpx

    chain = list(_chain(error))
    for link in chain:
        if isinstance(link, httpx.HTTPStatusError):
            response = link.response
            return by_status(response.status_code, _said(response), response.headers)
    text = _words(error)
    if any(type(link).__name__ in _NO_CREDENTIALS for link in chain):
        return Failure("auth", text, fatal=True)
    return _on_the_wire(chain, text) or _without_status(error, chain, text)


def by_status(status: int, text: str, headers: Mapping[str, str]) -> Failure:
    """The failure behind an HTTP status from 400 on."""
    refused = _refused(status, text)
    if refused:
        return refused
    after = retry_after(headers)
    if status == 429:
        return Failure("rate_limited", text, retry=True, overload="said", retry_after=after)
    if status in (503, 529):
        return Failure("server_error", text, retry=True, overload="said", retry_after=after)
    if status == 408:
        return Failure("timeout", text, retry=True, overload="shown", billed=True)
    if status >= 500 or status in (409, 425):
        return Failure("server_error", text, retry=True, overload="shown", retry_after=after)
    return Failure("bad_request", text)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait, from its headers; None where it does not say."""
    millis = _number(headers.get("retry-after-ms", ""))
    if millis is not None:
        return millis / 1000
    value = headers.get("retry-after", "")
    seconds = _number(value)
    return seconds if seconds is not None else _until(value)


def too_far(failure: Failure, longest: float, now: datetime) -> Failure:
    """The failure as one of quota where the server wants to hear nothing for longer than allowed.

    `longest` in seconds is `max_retry_seconds`.
    """
    after = failure.retry_after
    if after is None or after <= longest:
        return failure
    until = now + timedelta(seconds=min(after, LONGEST_WAIT))
    text = (
        f"the server takes no request until {until:%Y-%m-%d %H:%M %Z} (Retry-After of {after:.0f} "
        f"s, more than max_retry_seconds of {longest:g}): {failure.text}"
    )
    return Failure("quota", text, fatal=True)


def _refused(status: int, text: str) -> Failure | None:
    """What no repetition makes better."""
    if status in (400, 413, 422) and _TOO_LONG.search(text):
        return Failure("context_too_long", text)
    if status in (400, 403, 422) and _FILTERED.search(text):
        return Failure("content_filter", text)
    if status == 404 or (status == 400 and _UNKNOWN_MODEL.search(text)):
        return Failure("not_found", text, fatal=True)
    if status in (401, 403):
        return Failure("auth", text, fatal=True)
    if status == 402 or (status == 429 and _NO_QUOTA.search(text)):
        return Failure("quota", text, fatal=True)
    return None


def _on_the_wire(chain: list[BaseException], text: str) -> Failure | None:
    """Too late, or cut. It may have been billed, unless no connection was made."""
    import aiohttp
    import httpx

    connected = not any(
        isinstance(link, httpx.ConnectError | httpx.ConnectTimeout) for link in chain
    )
    if any(isinstance(link, TimeoutError | httpx.TimeoutException) for link in chain):
        late = text or "no answer within timeout_seconds"
        return Failure("timeout", late, retry=True, overload="shown", billed=connected)
    lost = httpx.TransportError | aiohttp.ClientError
    found = [link for link in chain if isinstance(link, lost)]
    if not found:
        return None
    # the innermost of these names the host
    cut = f"{type(found[-1]).__name__}: {_words(found[-1])}{_host(found[-1])}"
    return Failure("connection", cut, retry=True, overload="shown", billed=connected)


def _host(error: Any) -> str:
    """The host that a request was for, where its error does not name it."""
    try:
        url = error.request.url
    except (AttributeError, RuntimeError):
        return ""
    return f" ({url.netloc.decode()})"


def _without_status(error: BaseException, chain: list[BaseException], text: str) -> Failure:
    """No HTTP error: the library refused the request itself, or could not read the reply."""
    unreadable = json.JSONDecodeError | AttributeError | TypeError | LookupError
    status = getattr(error, "status_code", None)
    if any(isinstance(link, unreadable) for link in chain) or not isinstance(status, int):
        return bad_response(text)
    # LiteLLM gives 500 to replies that it cannot read; other numbers stand in an error reply
    return by_status(status, text, {}) if status >= 400 and status != 500 else bad_response(text)


def _said(response: Any) -> str:
    """What an HTTP error says: the message and the code in its body, else the body."""
    text = " ".join(response.text.split())
    try:
        body = response.json()
    except ValueError:
        return text or f"HTTP status {response.status_code}"
    found = body.get("error", body) if isinstance(body, Mapping) else body
    if not isinstance(found, Mapping):
        return f"{found}"
    message = found.get("message") or found.get("detail")
    code = found.get("code") or found.get("type")
    if not isinstance(message, str):
        return text
    return f"{message} ({code})" if code and str(code) not in message else message


def _words(error: BaseException) -> str:
    """What an exception says, on one line."""
    return _TLS_OBJECT.sub("", " ".join(str(error).split()))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text.strip()) else None


def _until(text: str) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
