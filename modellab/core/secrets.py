"""Secrets: read from the environment or `.env`, and removed from everything that is written."""

import html
import json
import os
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, quote_plus

from pydantic import AfterValidator

from modellab.core.errors import InputError

HIDDEN = "[secret]"
#: variables whose values are secrets
_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS)(_ID)?$", re.IGNORECASE)
#: shorter values occur in ordinary words
_SHORTEST = 6
#: other values that this process has read as secrets
_READ: set[str] = set()
#: shorter values without digits, such as the key `not-needed`, may occur in an answer
_LONGEST_WORD = 16
#: keys that could be names of variables: by their prefix, or long with mixed characters
_LIKE_A_KEY = re.compile(
    r"(sk|pk|rk|hf|gsk|ghp|gho|xai|nvapi|AIza|AKIA)_?[A-Za-z0-9]{14}"
    r"|(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])\w{20}"
)
#: keys as providers issue them, and the header that one is sent in
_WRITTEN_KEY = re.compile(
    r"(?<![\w-])(?:(?:sk|xai|nvapi)-(?=[\w-]*\d)[\w-]{16,}|(?:hf|gsk|ghp|gho)_(?=\w*\d)\w{16,}"
    r"|AIza[\w-]{30,}|AKIA[A-Z0-9]{12,}|Bearer\s+\S{8,})"
)
#: user and password in a URL
_PASSWORD = re.compile(r"(?<=://)([^/\s:@'\"]*):[^/\s'\"]+@")


def check_variable_name(name: str) -> str:
    """The name of an environment variable. Raises ValueError, without the name: it may be a key."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or _LIKE_A_KEY.match(name):
        raise ValueError(
            "should be the name of an environment variable, such as MY_API_KEY, and not its value"
        )
    return name


def contains_key(text: str) -> bool:
    """Whether a text of a config has a provider's key in it, by the form of such keys."""
    return _WRITTEN_KEY.search(text) is not None


#: the type of `..._env` in the config
VariableName = Annotated[str, AfterValidator(check_variable_name)]


def load_env_file(path: Path = Path(".env")) -> None:
    """Add the variables of `path` to the environment; existing variables take precedence.

    Raises InputError for a file that is not UTF-8, or has a zero byte.
    """
    from dotenv import load_dotenv

    if not path.is_file():
        return
    try:
        # a key may contain `${`
        load_dotenv(path, override=False, interpolate=False)
    except ValueError:
        raise InputError(f"{path}: not UTF-8 text with a line KEY=value per variable") from None


def variable(name: str) -> str | None:
    """The value of an environment variable, also from `.env`; None if unset or empty."""
    load_env_file()
    return os.environ.get(name) or None


def secret(name: str, where: str) -> str:
    """The value of the environment variable `name`, also from `.env`.

    `where` is the config key or model for messages. Raises InputError if it is not set or empty.
    """
    value = variable(name)
    if value is None:
        raise InputError(
            f"{where}: the environment variable {name} is not set; export it or put it into .env"
        )
    return value


def request_key(name: str, where: str) -> str:
    """The `secret` for the header of a request, hidden from now on in what this process writes.

    Raises InputError also for characters that a header cannot hold.
    """
    value = secret(name, where).strip()
    hide_secret(value)
    if not re.fullmatch(r"[!-~]+(?: [!-~]+)*", value):
        raise InputError(
            f"{where}: the key in {name} has a character that no request can carry: a line break, "
            "a tab, or a letter beyond ASCII"
        )
    return value


def hide_secret(value: str) -> None:
    """Hide a value from now on in what this process writes."""
    _READ.add(value)


def secret_values() -> set[str]:
    """Values that this process has read as secrets, and of variables with the name of a secret."""
    return _READ | {value for name, value in os.environ.items() if _SECRET_NAME.search(name)}


def without_passwords(text: str) -> str:
    """The text of a config without passwords in URLs."""
    return _PASSWORD.sub(rf"\1:{HIDDEN}@", text)


def secrets_to_hide(secrets: Collection[str] = ()) -> list[str]:
    """The given secrets and those of the environment, in each form that a server may echo.

    Forms: verbatim, escaped as in JSON, HTML or Python, percent-encoded, hex, Base64. Very short
    values are left out. Longest first, as one may be a prefix of another.
    """
    return _forms_of({value.strip() for value in {*secrets, *secret_values()}})


def _forms_of(values: Collection[str]) -> list[str]:
    known = {form for value in values if len(value) >= _SHORTEST for form in _forms(value)}
    return sorted(known, key=lambda form: (-len(form), form))


@lru_cache(maxsize=256)
def _forms(value: str) -> tuple[str, ...]:
    once = list(_written(value))
    # an escaped form may be escaped again in an answer that is JSON
    return tuple(dict.fromkeys([*once, *(json.dumps(form)[1:-1] for form in once)]))


def _written(value: str) -> Iterator[str]:
    yield value
    for ascii_only in (True, False):
        escaped = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        yield from (escaped, escaped.replace("/", r"\/"))
    yield from (repr(value)[1:-1], repr(value.encode("utf-8", "surrogateescape"))[2:-1])
    for signs in ("<>&", "<>&'\"+"):  # of Go, and of .NET
        for escape in (r"\u%04x", r"\u%04X"):
            yield "".join(escape % ord(c) if c in signs else json.dumps(c)[1:-1] for c in value)
    yield from (html.escape(value), html.escape(value, quote=False))
    yield html.escape(value).replace("&#x27;", "&#39;")
    for encoded in (quote(value), quote(value, safe=""), quote_plus(value)):
        lower = re.sub("%..", lambda found: found[0].lower(), encoded)
        yield from (encoded, lower, quote(encoded, safe=""))
    data = value.encode("utf-8", "surrogateescape")
    yield from (data.hex(), data.hex().upper())
    for encode in (b64encode, urlsafe_b64encode):
        # at any of three offsets in a longer text, such as user:key
        for before in range(3):
            text = encode(b"." * before + data).decode().rstrip("=")
            inner = text[-(-before * 8 // 6) : len(text) - (1 if (before + len(data)) % 3 else 0)]
            if len(inner) >= _SHORTEST:
                yield inner


def scrub(text: str, secrets: Collection[str] = ()) -> str:
    """`text` without secrets: the given ones and those of the environment."""
    return scrubber(secrets)(text)


def scrubber(secrets: Collection[str] = ()) -> Callable[[str], str]:
    """`scrub` for many texts, with the environment read once."""
    return _hiding(secrets_to_hide(secrets))


def answer_scrubber() -> Callable[[str], str]:
    """`scrub` for answers, which may contain words that serve as keys of local servers."""
    values = (value.strip() for value in secret_values())
    keys = {v for v in values if len(v) >= _LONGEST_WORD or re.search("[0-9]", v)}
    return _hiding(_forms_of(keys))


def _hiding(found: Collection[str]) -> Callable[[str], str]:
    def clean(text: str) -> str:
        for value in found:
            text = text.replace(value, HIDDEN)
        return text

    return clean
