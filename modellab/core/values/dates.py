"""Parsing dates: `2020-05-01`, `May 1st, 2020`, `1. Mai 2020`, `May 2020`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

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
    if match := _YEAR_FIRST.fullmatch(text) or _SIGNS.fullmatch(text):
        return _day(match["year"], match["month"], match["day"])
    if match := _YEAR_LAST.fullmatch(text):
        day, month = match["one"], match["two"]
        if match["mark"] != "." and day != month and int(day) <= 12 and int(month) <= 12:
            return None
        return _day(match["year"], month, day) or _day(match["year"], day, month)
    for form in _IN_WORDS:
        if match := form.fullmatch(text):
            month = _months().get(match["month"].casefold(), "")
            return _day(match["year"], month, match["day"]) if month else None
    return None


def _day(year: str, month: str, day: str | None) -> str | None:
    try:
        found = date(int(year), int(month), int(day or 1)).isoformat()
    except ValueError:
        return None
    return found if day else found[:7]


@cache
def _months() -> Mapping[str, str]:
    """Numbers of months by full or short name."""
    from babel import Locale

    found = {"sept": "9"}
    for language in _LANGUAGES:
        for names in Locale(language).months["format"].values():
            for number, name in names.items():
                plain = name.casefold().rstrip(".")
                if not plain.isdigit() and len(plain) > 2:
                    found.setdefault(plain, str(number))
    return found
