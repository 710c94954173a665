"""What is wrong with a config."""

from __future__ import annotations

from typing import NamedTuple

from modellab.config.source import Location


class Problem(NamedTuple):
    """One thing wrong: the key, and a sentence about it."""

    location: Location
    message: str
