"""Parsing dates: `2020-05-01`, `May 1st, 2020`, `1. Mai 2020`, `May 2020`."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Literal

#: languages of the names of months
_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt")
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.|er|º|o)?"
_MONTH = r"(?P<month>[^\W\d_]{3,12})\.?"
_YEAR = r"(?P<year>[12]\d{3})"
#: the midnight that software adds to a date
_MIDNIGHT = r"(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|\+00:00)?)?"
_IN_WORDS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?:the )?{_DAY}(?: of| de)?[ -]{_MONTH},?(?: of| de)?[ -]{_YEAR}",
        rf"{_MONTH} (?:the )?{_DAY},? {_YEAR}",
        rf"(?P<day>){_MONTH},?(?: of| de)? {_YEAR}",
    )
)
_MONTH_OF_YEAR = re.compile(rf"{_YEAR}-(?P<month>\d{{2}})(?P<day>)")
#: `Friday, `, `Fr. `
_WEEKDAY = re.compile(r"(?P<name>[^\W\d_]{2,12})(?:\.,?|,)? (?=\w)")
_YEAR_FIRST = re.compile(
    rf"{_YEAR}(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}}){_MIDNIGHT}"
)
_SIGNS = re.compile(
    rf"{_YEAR} ?[\u5e74\ub144] ?(?P<month>\d{{1,2}}) ?[\u6708\uc6d4]"
    r"(?: ?(?P<day>\d{1,2}) ?[\u65e5\uc77c])?"
)
_YEAR_LAST = re.compile(
    rf"(?P<one>\d{{1,2}})(?P<mark>[-/.])(?P<two>\d{{1,2}})(?P=mark){_YEAR}{_MIDNIGHT}"
)


def read_date(text: str) -> str | None:
    """A day as `2020-05-01`, a month as `2020-05`; None for anything else.

    `01.05.2020` is the first of May; `01/05/2020` is ambiguous, so None; `13/05/2020` is not. The
    text is `plain` (see `modellab.core.values.spelling`).
    """
    weekday = _WEEKDAY.match(text)
    if weekday and weekday["name"].casefold() in _names("days"):
        text = text[weekday.end() :]
    if match := _first_match(text, _YEAR_FIRST, _SIGNS, _MONTH_OF_YEAR):
        return _day(match["year"], match["month"], match["day"])
    if match := _YEAR_LAST.fullmatch(text):
        day, month = match["one"], match["two"]
        if match["mark"] != "." and day != month and int(day) <= 12 and int(month) <= 12:
            return None
        return _day(match["year"], month, day) or _day(match["year"], day, month)
    match = _first_match(text, *_IN_WORDS)
    month = _names("months").get(match["month"].casefold()) if match else None
    return _day(match["year"], month, match["day"]) if match and month else None


def _first_match(text: str, *forms: re.Pattern[str]) -> re.Match[str] | None:
    return next(filter(None, (form.fullmatch(text) for form in forms)), None)


def _day(year: str, month: str, day: str | None) -> str | None:
    try:
        found = date(int(year), int(month), int(day or 1)).isoformat()
    except ValueError:
        return None
    return found if day else found[:7]


@cache
def _names(kind: Literal["months", "days"]) -> Mapping[str, str]:
    """Numbers of months or weekdays by full or short name."""
    from babel import Locale

    found = {"sept": "9"} if kind == "months" else {}
    for language in _LANGUAGES:
        for names in getattr(Locale(language), kind)["format"].values():
            for number, name in names.items():
                plain = name.casefold().rstrip(".")
                if not plain.isdigit() and len(plain) > 1 + (kind == "months"):
                    found.setdefault(plain, str(number))
    return found
