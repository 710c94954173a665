"""The base class of all parts of the config: strict and frozen."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

#: the kind of error of a key that options do not have
UNKNOWN_KEY = "unknown_key"
#: pydantic's kinds of errors for a value that is not of a type
_ERRORS = {int: "int_type", float: "float_type", bool: "bool_type"}


class Options(BaseModel):
    """Unknown keys are errors; instances are frozen.

    Numbers and booleans are not coerced: neither `'5'` nor `true` is a 5, `'yes'` is not `true`.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=False, allow_inf_nan=False, defer_build=True
    )

    @model_validator(mode="before")
    @classmethod
    def _as_written(cls, data: Any) -> Any:
        wrong = list(_not_as_written(cls, data)) if isinstance(data, Mapping) else []
        if wrong:
            raise ValidationError.from_exception_data(cls.__name__, wrong)
        return data


def _not_as_written(
    options: type[BaseModel], data: Mapping[str, Any]
) -> Iterator[InitErrorDetails]:
    """Unknown keys, and values that pydantic would convert to a number or truth value."""
    for name, value in data.items():
        field = options.model_fields.get(name)
        if field is None:
            yield {"type": _unknown(name, options), "loc": (name,), "input": value}
            continue
        wanted = _types(field.annotation)
        exact = [kind for kind in _ERRORS if kind in wanted]
        taken = (*wanted, int) if float in wanted else tuple(wanted)
        if exact and type(value) in (bool, str, int, float) and type(value) not in taken:
            yield {"type": _ERRORS[exact[0]], "loc": (name,), "input": value}


def _unknown(name: Any, options: type[BaseModel]) -> PydanticCustomError:
    text = unknown_key(name, options.model_fields)
    return PydanticCustomError(UNKNOWN_KEY, "{text}", {"text": text})


def unknown_key(name: object, known: Iterable[str]) -> str:
    """What is wrong with a key that is not one of those known."""
    names = sorted(known)
    close = difflib.get_close_matches(str(name), names, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"unknown key{hint} (known: {', '.join(names)})"


def first_set(options: Options, names: Iterable[str]) -> str | None:
    """The first of the keys that has another value than its default.

    By value: a config that is passed on to a job has all its defaults filled in.
    """
    fields = type(options).model_fields
    given = (name for name in names if name in fields)
    return next((n for n in given if getattr(options, n) != fields[n].default), None)


def first_problem(error: ValidationError, whole: str = "") -> str:
    """The first problem, after its key or, without one, the word for the whole."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc'])) or whole}: {first['msg']}"


def _types(annotation: Any) -> set[type]:
    """The types in an annotation, and of its literal values."""
    inner = get_args(annotation)
    if not inner:
        return {annotation if isinstance(annotation, type) else type(annotation)}
    return set().union(*map(_types, inner))


def by_name(what: str, known: Sequence[str]) -> Callable[[Any], Any]:
    """A validator that accepts a bare name, such as `wattbot` for `{kind: wattbot}`."""

    def entry(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if value not in known:
            raise ValueError(f"unknown {what} {value!r}; choose from: {', '.join(known)}")
        return {"kind": value}

    return entry
