"""Ways to write a value that later versions of the rules accept in a submission."""

from __future__ import annotations

import math
import re

from modellab.tasks.wattbot.scoring.values import number

_TRUTH_VALUES = {"true": "1", "yes": "1", "false": "0", "no": "0"}
_MAGNITUDES = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
_HEDGES = (
    *(rf"{word}\s+than" for word in ("more", "less", "greater", "fewer")),
    *("approximately", "about", "around", "over", "under", "nearly", "roughly"),
    *(r"up\s+to", r"at\s+least", r"at\s+most"),
)
_HEDGE = re.compile(rf"(?:{'|'.join(_HEDGES)})\s+|[~\u2248<>]\s*", re.IGNORECASE)
# letters are listed: ignoring case, "k" would also be the sign for kelvin
_WITH_MAGNITUDE = re.compile(r"(-?\d+(?:\.\d+)?)\s*([kKmMbBtT])")
_RANGE = re.compile(r"(?:from\s+)?(-?[\d.]+)\s*(?:[-\u2013\u2014]|to)\s*(-?[\d.]+)", re.IGNORECASE)


def normalise_boolean(value: str) -> str:
    """true or yes become 1, false or no become 0; anything else stays."""
    return _TRUTH_VALUES.get(value.strip().lower(), value)


def normalise_number(value: str) -> str:
    """A number written plainly: without thousands commas, one hedge word in front, or K/M/B/T.

    A range such as `80-90` or `from 80 to 90` becomes `[80,90]`. Units, currencies and percent
    signs stay, so `5%` is not 5. Anything else stays but for outer spaces.
    """
    text = _without_commas(value.strip())
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
    bounds = [number(bound) for bound in match.groups()] if match else []
    known = [_plain(bound) for bound in sorted(b for b in bounds if b is not None)]
    return f"[{known[0]},{known[1]}]" if len(known) == 2 and all(known) else None


def _plain(value: float) -> str | None:
    """A number as text; None for one of so many digits that it became infinite."""
    if math.isinf(value):
        return None
    return str(int(value)) if value.is_integer() else str(value)
