"""Cells that hold several things: lists and vectors, as databases write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from modellab.core.errors import InputError
from modellab.core.values.ids import literal_list

_ITEM = re.compile(r'"((?:[^"\\]|\\.)*)"|([^,{}"]+)')


def texts(value: object, where: str) -> tuple[str, ...]:
    """One text or several: a list as JSON or Python writes it, `{a,"b c"}`, or a single value.

    Raises InputError for anything else. Empty and missing ones are none.
    """
    if isinstance(value, (list, tuple)):
        return _texts(value, where)
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        items = literal_list(value)
        return (value,) if items is None else _texts(items, where)
    if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
        found = _ITEM.findall(value[1:-1])
        items = [re.sub(r"\\(.)", r"\1", quoted) or plain.strip() for quoted, plain in found]
        return tuple(item for item in items if item and item != "NULL")
    return _texts([value], where)


def _texts(values: Iterable[object], where: str) -> tuple[str, ...]:
    items = [value for value in values if value is not None and value != ""]
    for value in items:
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise InputError(f"{where}: expected text or a list of it, not {type(value).__name__}")
    return tuple(map(str, items))


def vector(value: object, where: str) -> list[float] | None:
    """The numbers of a vector: pgvector's `[1,2.5]`, a list; None where there is none.

    Raises InputError for anything else.
    """
    if value is None or value == "":
        return None
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, str):
        body = value.strip()
        if body[:1] + body[-1:] not in ("[]", "{}"):
            raise InputError(f"{where}: not a vector such as [0.1,0.2]: {value[:40]!r}")
        value = body[1:-1].split(",") if body[1:-1].strip() else []
    if not isinstance(value, (list, tuple)):
        raise InputError(f"{where}: not a vector but {type(value).__name__}")
    try:
        numbers = [float(number) for number in value]
    except (TypeError, ValueError):
        raise InputError(f"{where}: not a vector of numbers: {str(value)[:40]!r}") from None
    if not numbers:
        raise InputError(f"{where}: a vector without numbers")
    return numbers
