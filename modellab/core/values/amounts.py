"""Parsing one number with its context: `-5`, `~1.5 billion`, `USD 1.5bn`, `(1,234)`, `1/3`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from modellab.core.values.digits import NUMBER, NumberStyle, read_number
from modellab.core.values.units import (
    CURRENCIES,
    MAGNITUDES,
    NONE,
    PERCENT,
    Unit,
    read_unit,
    same_unit,
    units_after_number,
    with_currency,
)

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SMALL = {
    **{name: number for number, name in enumerate(_ONES)},
    **{name: 10 * number for number, name in enumerate(_TENS, start=2)},
}
_PARTS = {
    "half": 2, "halves": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6,
    "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
}  # fmt: skip
_LARGE = ("hundred", "thousand", "million", "billion", "trillion", "dozen")


def number_in_words(text: str) -> tuple[Fraction, str] | None:
    """The number in words at the start of a text, and the rest; None if there is none.

    `minus` and `negative` are signs; `nineteen ninety-eight` is a year. `a` and `an` are one before
    a magnitude or fraction (`a million`, `a third`); magnitudes multiply the number before them,
    fractions divide it (`two thirds`).
    """
    words = text.replace("-", " ").split()
    if words and words[0].casefold() in ("minus", "negative"):
        found = number_in_words(" ".join(words[1:]))
        return (-found[0], found[1]) if found and found[0] > 0 else None
    total, current, used = Fraction(0), Fraction(0), 0
    for index, word in enumerate(words):
        name = word.casefold()
        after = words[index + 1].casefold() if index + 1 < len(words) else ""
        if name == "and" and used and (after in _SMALL):
            continue
        if name in ("a", "an") and not used and (after in _LARGE or after in _PARTS):
            current = Fraction(1)
        elif name in _SMALL and _fits(current, _SMALL[name]):
            current += _SMALL[name]
        elif 13 <= current <= 20 and used == 1 and _SMALL.get(name, 0) >= 10:
            current = 100 * current + _SMALL[name]
        elif name in _LARGE and used:
            current *= MAGNITUDES[name]
            if name != "hundred":
                total, current = total + current, Fraction(0)
        elif (part := _PARTS.get(name) or _PARTS.get(name.removesuffix("s"))) and _parts(
            words, used, name
        ):
            return _times((total + (current or 1)) / part, words[index + 1 :])
        else:
            break
        used = index + 1
    rest = [word.casefold() for word in words[used : used + 3]]
    if used and rest[:2] == ["and", "a"] and rest[2:] and rest[2] in _PARTS:
        return total + current + Fraction(1, _PARTS[rest[2]]), " ".join(words[used + 3 :])
    return (total + current, " ".join(words[used:])) if used else None


def _times(part: Fraction, behind: list[str]) -> tuple[Fraction, str]:
    """A fraction of a magnitude: `half a million`, `a quarter of a million`."""
    rest = behind[1:] if behind[:1] == ["of"] else behind
    rest = rest[1:] if rest[:1] in (["a"], ["one"]) else rest
    if rest and rest[0].casefold() in _LARGE and rest is not behind:
        return part * MAGNITUDES[rest[0].casefold()], " ".join(rest[1:])
    return part, " ".join(behind)


def _fits(before: Fraction, number: int) -> bool:
    """Whether a small number can follow: `twenty five`, not `five twenty`."""
    last = before % 100
    return last == 0 or (number < 10 and last >= 20 and last % 10 == 0 and number > 0)


def _parts(words: list[str], used: int, name: str) -> bool:
    """Whether it is a fraction: after a number, or a half; `third` alone is ordinal."""
    return bool(used) or (name == "half" and words[0].casefold() == "half")


#: the largest power of ten that is parsed
_HIGHEST = 400
_HEDGE = re.compile(
    r"(?:(?:about|around|approximately|approx\.?|roughly|nearly|almost|circa|ca\.?|c\.|some|"
    r"an estimated|estimated|etwa|rund|ungef\u00e4hr|environ|env\.)\s+"
    r"|\u5927?[\u7ea6\u7d04]\s*|[~\u2248\u223c\u2243\u2245]\s*)",
    re.IGNORECASE,
)
_SPELLINGS = {
    "<=": (
        "<=|=<|\u2264|at most|up to|no more than|not more than|maximum|max.|max|h\u00f6chstens|"
        "bis zu"
    ),
    ">=": ">=|=>|\u2265|at least|no less than|not less than|minimum|min.|min|mindestens",
    "<": "<|less than|fewer than|lower than|below|under|weniger als",
    ">": ">|more than|greater than|higher than|above|over|exceeding|mehr als",
}
_COMPARATORS = {
    spelling: sign for sign, words in _SPELLINGS.items() for spelling in words.split("|")
}
_COMPARATOR = re.compile(
    "|".join(
        re.escape(word) + (r"(?=\s)" if word[-1].isalpha() else "")
        for word in sorted(_COMPARATORS, key=len, reverse=True)
    ),
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"(?P<sign>[+-] ?)?"
    r"(?P<prefix>[^\d\s.,+()\[\]<>=-]{1,4}\.? ?)?"
    r"(?P<inner>[+-] ?)?"
    rf"(?:(?P<mixed>\d+) (?=\d+ ?/))?(?P<number>\d+ ?/ ?\d+(?![\d/])|{NUMBER})"
    r"(?:e(?P<e>[+-]?\d+)(?![\w.])| ?[x*] ?10 ?(?:\^|\*\*) ?[({]?(?P<ten>[+-]?\d+)[)}]?"
    r"|(?:\^|\*\*)(?P<power>[+-]?\d+))?"
    r"(?P<more>\+)?"
    r"(?P<suffix>-fold| ?[^\d\s.,+/(\[-].*| ?/(?=\D).*)?",
    re.IGNORECASE,
)
_PER = re.compile(r"/|\bper ", re.IGNORECASE)
_OR_MORE = re.compile(
    r"(?P<number>.+?),? or (?:(?P<more>more|greater|higher|above|over)|"
    r"(?:less|fewer|lower|below|under))(?P<rest> .+)?",
    re.IGNORECASE,
)
_YEAR_WORDS = re.compile(r"^(?:in )?(?:the )?(?:year )?(?=[12]\d{3}$)", re.IGNORECASE)
_YEAR_SIGN = re.compile(r"(?<=^[12]\d{3})(?: ?[\u5e74\ub144]| (?:AD|CE|A\.D\.|C\.E\.?))$")
#: `1 in 4`, `3 out of 4`
_OUT_OF = re.compile(r"^(\d+) (?:in|out of) (?=\d+$)")
#: a minus sign in words
_MINUS = re.compile(r"(?:minus|negative) (?=[\d.])", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"(?P<sign>[^\s\d()]{0,3})\((?P<inner>[^()]+)\)(?P<percent> ?%?)")
#: digits that are part of a unit: CO2, m^2, m3, 10^9/L, mg/100 ml, /1.73 m2
_OF_UNIT = re.compile(
    r"(?<=[a-z])\d(?![\d.])|\^-?\d+|10(?:\^|\*{1,2}|e)-?\d+|(?:/|\bper) ?\d[\d.]*", re.IGNORECASE
)


@dataclass(frozen=True)
class Amount:
    """A number with its possible `units`; `bare`: written without a unit.

    `whole`: a whole number without magnitude or power (`1998.0` too); `count`: and without a
    decimal mark; `year`: four digits only.
    """

    number: Fraction
    units: tuple[Unit, ...] = (NONE,)
    comparator: str = ""
    bare: bool = True
    whole: bool = False
    count: bool = False
    year: bool = False
    leading_zero: bool = False


def read_amount(text: str, style: NumberStyle) -> Amount | None:
    """Parse a plain text that is one number; None for anything else.

    Hedges (`about`, `~`) are ignored; bounds (`at least`, `<`, a trailing plus, `or more`) are
    kept. A number in parentheses is negative, as in accounting.
    """
    text = without_hedge(text)
    text = _YEAR_SIGN.sub("", _YEAR_WORDS.sub("", text, count=1))
    text = _MINUS.sub("-", _OUT_OF.sub(r"\1/", text))
    bound = _OR_MORE.fullmatch(text)
    if bound:
        sign = ">=" if bound["more"] else "<="
        inner = read_amount(bound["number"] + (bound["rest"] or ""), style)
        return replace(inner, comparator=sign) if inner and not inner.comparator else None
    found = _COMPARATOR.match(text)
    rest = without_hedge(text[found.end() :].strip()) if found else text
    amount = _in_brackets(rest, style) or _in_digits(rest, style) or _in_words(rest)
    if amount is None or (found and amount.comparator):
        return None
    return replace(amount, comparator=_COMPARATORS[found[0].lower()]) if found else amount


def without_hedge(text: str) -> str:
    while match := _HEDGE.match(text):
        text = text[match.end() :]
    return text


def holds_number(suffix: str) -> bool:
    """Whether the text after a number contains another number, so that it is not a unit.

    The digits of a unit (`tCO2e`, `m^2`, `10^9/L`, `mg/100 ml`) do not count.
    """
    words = suffix.casefold().replace("-", " ").split()
    digits = any(char.isdigit() for char in _OF_UNIT.sub("", suffix))
    return digits or any(word in _SMALL for word in words)


def _in_brackets(text: str, style: NumberStyle) -> Amount | None:
    match = _IN_BRACKETS.fullmatch(text)
    if match is None:
        return None
    inner = _in_digits(f"{match['sign']}{match['inner']}{match['percent']}", style)
    if inner is None or inner.number <= 0 or inner.comparator:
        return None
    return replace(inner, number=-inner.number)


def _in_digits(text: str, style: NumberStyle) -> Amount | None:
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return None
    signs = [match[name] for name in ("sign", "inner") if match[name]]
    number = _number(match, style)
    units = tuple(_units(match["prefix"] or "", (match["suffix"] or "").strip()))
    if number is None or not units or len(signs) > 1:
        return None
    written, scaled = match["number"], any(match[name] for name in ("e", "ten", "power"))
    bare = not match["prefix"] and not match["suffix"]
    whole = not scaled and "/" not in written and number.denominator == 1
    return Amount(
        number=-number if signs and "-" in signs[0] else number,
        units=units,
        comparator=">=" if match["more"] else "",
        bare=bare,
        whole=whole,
        count=whole and not re.search(r"[.,]0{1,2}$|[.,]0{4,}$", written),
        year=bool(re.fullmatch(r"[12]\d{3}(?:[.,]0+)?", written)) and not scaled,
        leading_zero=bool(re.fullmatch(r"0\d+(?:[ ']\d+)*", written)) and not scaled,
    )


def _in_words(text: str) -> Amount | None:
    found = number_in_words(text.casefold()) if text[:1].isalpha() else None
    if found is None:
        return None
    # the suffix as written, because case counts in units
    suffix = text[len(text) - len(found[1]) :] if found[1] else ""
    units = tuple(_units("", suffix))
    whole = found[0].denominator == 1
    return Amount(found[0], units, bare=not suffix, whole=whole, count=whole) if units else None


def _number(match: re.Match[str], style: NumberStyle) -> Fraction | None:
    written = match["number"]
    if "/" in written:
        number = _fraction(written)
        if number is None or _power(match) or (match["mixed"] and number >= 1):
            return None
        return number + int(match["mixed"] or 0)
    decimal = read_number(written, style)
    power = _power(match)
    if decimal is None or abs(power) > _HIGHEST:
        return None
    if match["power"]:
        return Fraction(10) ** power if written == "10" else None
    return Fraction(decimal) * Fraction(10) ** power


def _power(match: re.Match[str]) -> int:
    digits = next((match[name] for name in ("e", "ten", "power") if match[name]), "0")
    return int(digits) if len(digits) < 6 else _HIGHEST + 1


def _fraction(text: str) -> Fraction | None:
    above, below = (part.strip() for part in text.split("/"))
    if max(len(above), len(below)) > 30 or int(below) == 0:
        return None
    return Fraction(int(above), int(below))


def _units(prefix: str, suffix: str) -> Iterator[Unit]:
    """The possible units; none where prefix or suffix is not a unit."""
    currency = CURRENCIES.get(prefix.strip().rstrip(".").casefold())
    if prefix.strip() == "%" and not suffix:
        yield read_unit(PERCENT)
        return
    if (prefix and currency is None) or holds_number(suffix):
        return
    before = Unit(name=currency) if currency else NONE
    if currency and _PER.search(suffix):
        yield with_currency(prefix.strip(), suffix)
        return
    if not suffix:
        yield before
        return
    for unit in units_after_number(suffix):
        if not currency:
            yield unit
        elif not unit.name or same_unit(before, unit):
            yield Unit(unit.scale, currency, unit.words)
