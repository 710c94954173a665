"""Ways to write a value that later versions of the rules accept in a submission."""

from __future__ import annotations

import re

from modellab.scorers.wattbot.values import number
from modellab.wattbot_blank import is_blank

_TRUE, _FALSE = frozenset({"true", "yes"}), frozenset({"false", "no"})
_MAGNITUDES = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
_WITH_MAGNITUDE = re.compile(r"(-?\d+(?:\.\d+)?)\s*([kmbt])", re.IGNORECASE)
_RANGE = re.compile(r"(?:from\s+)?(-?[\d.]+)\s*(?:[-\u2013\u2014]|to)\s*(-?[\d.]+)", re.IGNORECASE)
_HEDGE = re.compile(
    r"(?:(?:more\s+than|less\s+than|greater\s+than|fewer\s+than|approximately|about|around|over"
    r"|under|nearly|roughly|up\s+to|at\s+least|at\s+most)\s+|[~\u2248><]\s*)",
    re.IGNORECASE,
)


def normalise_boolean(value: str) -> str:
    """true or yes become 1, false or no become 0; anything else stays."""
    word = value.strip().lower()
    return "1" if word in _TRUE else "0" if word in _FALSE else value


def normalise_number(value: str) -> str:
    """A number written plainly: without thousands commas, one hedge word in front, or K/M/B/T.

    A range such as `80-90` or `from 80 to 90` becomes `[80,90]`. Units, currencies and percent
    signs stay, so `5%` is not 5. Blank values stay blank.
    """
    text = value.strip()
    if is_blank(text):
        return text
    text = _without_commas(text)
    hedge = _HEDGE.match(text)
    if hedge:
        text = _without_commas(text[hedge.end() :].strip())
    return _scaled(text) or _range(text) or text


def _without_commas(text: str) -> str:
    plain = text.replace(",", "")
    return text if number(plain) is None else plain


def _scaled(text: str) -> str | None:
    match = _WITH_MAGNITUDE.fullmatch(text)
    return _plain(float(match[1]) * _MAGNITUDES[match[2].lower()]) if match else None


def _range(text: str) -> str | None:
    match = _RANGE.fullmatch(text)
    bounds = [number(match[1]), number(match[2])] if match else []
    known = sorted(bound for bound in bounds if bound is not None)
    return f"[{_plain(known[0])},{_plain(known[1])}]" if len(known) == 2 else None


def _plain(value: float) -> str:
    return str(int(value)) if value.is_integer() else str(value)
