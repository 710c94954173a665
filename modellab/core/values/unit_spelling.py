"""When two units are the same: by spelling, never by conversion."""

from __future__ import annotations

import re

from modellab.core.values.spelling import plain

_DECORATION = re.compile(r"[\s()\[\]{}@:=]")
#: the thousand-fold and so on: x10^9, 10*9, 10e9, 10**9
_POWER = re.compile(r"x?10(?:\^|\*{1,2}|e)(-?\d+)")
#: a full stop that is no decimal mark, the mark of a raised digit that is no power of ten
_LOOSE = re.compile(r"\.(?!\d)|(?<!10)\^")
#: micro, written without its Greek letter; at the start of a unit only
_MICRO = re.compile(r"(?<![a-z])(?:mc(?=g|l|mol)|u(?=g|l|m|mol|u|iu)|\u03bc)")


def unit_key(unit: str) -> str:
    """What two spellings of one unit have in common.

    Upper and lower case, spaces, brackets and full stops do not count; `per` is `/`; powers of
    ten (`x10^9`, `10*9`, `10e9`), raised digits (`m2`) and micro (Greek letter, `u`, `mc`) have
    one spelling. Units are not converted: g/L is not g/dL.
    """
    key = re.sub(r"\bper\b", "/", plain(unit).casefold())
    key = _DECORATION.sub("", key)
    key = _POWER.sub(r"10^\1", _LOOSE.sub("", key))
    return _MICRO.sub("\u03bc", key)
