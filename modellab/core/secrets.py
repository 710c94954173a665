"""Secrets come from the environment or from `.env`, and go nowhere else."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection
from pathlib import Path

from modellab.core.errors import InputError

HIDDEN = "[secret]"
#: names of variables whose values are taken for secrets, whoever reads them
_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS)(_ID)?$", re.IGNORECASE)
#: shorter values would be found in ordinary words
_SHORTEST = 6
#: what lies between the name of a user and the host in an address
_PASSWORD = re.compile(r"(?<=://)([^/\s:@'\"]*):[^/\s@'\"]+@")


def load_env_file(path: Path = Path(".env")) -> None:
    """Add the variables of `path` to the environment; what is already set there wins."""
    from dotenv import load_dotenv

    if path.is_file():
        load_dotenv(path, override=False)


def variable(name: str) -> str | None:
    """The value of an environment variable, also from `.env`; None if unset or empty."""
    load_env_file()
    return os.environ.get(name) or None


def secret(name: str, where: str) -> str:
    """The value of the environment variable `name`, also from `.env`.

    `where` is the config key (or the model) that names it. Raises InputError, with the name and
    never a value, when it is not set or empty.
    """
    value = variable(name)
    if value is None:
        raise InputError(
            f"{where}: the environment variable {name} is not set; export it or put it into .env"
        )
    return value


def secret_values() -> set[str]:
    """The values of all environment variables whose names say that they are secret."""
    return {value for name, value in os.environ.items() if _SECRET_NAME.search(name)}


def without_passwords(text: str) -> str:
    """Text of a config in which addresses such as that of a database hold no password."""
    return _PASSWORD.sub(rf"\1:{HIDDEN}@", text)


def secrets_to_hide(secrets: Collection[str] = ()) -> list[str]:
    """Those given and those of the environment, but for values as short as ordinary words.

    The longest come first: one secret may be the beginning of another.
    """
    known = {value.strip() for value in {*secrets, *secret_values()}}
    return [v for v in sorted(known, key=len, reverse=True) if len(v) >= _SHORTEST]


def scrub(text: str, secrets: Collection[str] = ()) -> str:
    """`text` with every secret replaced: those given, and those of the environment."""
    return scrubber(secrets)(text)


def scrubber(secrets: Collection[str] = ()) -> Callable[[str], str]:
    """The same for many texts: the environment is looked at once."""
    found = secrets_to_hide(secrets)

    def clean(text: str) -> str:
        for value in found:
            text = text.replace(value, HIDDEN)
        return text

    return clean
