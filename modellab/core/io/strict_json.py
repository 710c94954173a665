"""JSON of tables: RFC 8259, and NaN for missing values as pandas writes it.

pandas writes whole numbers as `1998.0` and small ones as `1e-05`; they are read as 1998 and, as
text, 0.00001, as people and models write them.
"""

from __future__ import annotations

import json
import math
from typing import Any

from modellab.core.text.json_reading import field_text

_LARGEST = 2.0**53


def texts(value: Any) -> Any:
    """A value with floats as texts without exponents, one level deep."""
    if isinstance(value, dict):
        return {
            key: texts(item) if isinstance(item, float) else item for key, item in value.items()
        }
    return field_text(value) if isinstance(value, float) else value


def _number(text: str) -> float | int:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is not a JSON number; write null, or quote it")
    return int(number) if number.is_integer() and abs(number) <= _LARGEST else number


#: NaN is null; infinities and overflows are a ValueError
DECODER = json.JSONDecoder(
    parse_constant=lambda text: None if text == "NaN" else _number(text), parse_float=_number
)
