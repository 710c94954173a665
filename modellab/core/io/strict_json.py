"""JSON of tables, as RFC 8259 has it, but for the NaN that pandas writes for what is missing.

pandas writes whole numbers as `1998.0` and small ones as `1e-05`; they are read as 1998 and, where
a text is wanted, as 0.00001, which is how people and models write them.
"""

from __future__ import annotations

import json
import math
from typing import Any

from modellab.core.text.json_reading import field_text

_LARGEST = 2.0**53


def texts(value: Any) -> Any:
    """A value in which numbers with a fraction are texts without a power, one level deep."""
    if isinstance(value, dict):
        return {
            key: texts(item) if isinstance(item, float) else item for key, item in value.items()
        }
    return field_text(value) if isinstance(value, float) else value


def _number(text: str) -> float | int:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is not a number of JSON; write null or put it in quotes")
    return int(number) if number.is_integer() and abs(number) <= _LARGEST else number


#: NaN is null; infinities and numbers beyond all bounds are a ValueError
DECODER = json.JSONDecoder(
    parse_constant=lambda text: None if text == "NaN" else _number(text), parse_float=_number
)
