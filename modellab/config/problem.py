"""What is wrong with a config."""

from __future__ import annotations

from typing import NamedTuple

from modellab.config.source import Location
from modellab.core.errors import InputError


class Problem(NamedTuple):
    """One thing wrong: the key, and a sentence about it."""

    location: Location
    message: str


class ConfigError(InputError):
    """What is wrong, at a key of the config."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem
