"""What stands beside a number: magnitudes, percent, currencies, units with prefixes.

Units with a prefix of the SI are brought to their base (1 kWh is 1000 Wh); all others are the same
by spelling only (`unit_key`), and are not converted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

from modellab.values.spelling import plain
from modellab.values.unit_spelling import unit_key
from modellab.wattbot_blank import is_blank

ONE = Fraction(1)
PERCENT = "%"

_MAGNITUDES = {
    2: ("hundred",),
    3: ("thousand", "tsd", "tausend", "\u0442\u044b\u0441", "\u5343"),
    4: ("\u4e07", "\u842c"),
    5: ("lakh",),
    6: ("million", "mn", "mio", "mln", "millionen", "\u043c\u043b\u043d"),
    7: ("crore",),
    8: ("\u4ebf", "\u5104"),
    9: ("billion", "bn", "bln", "mrd", "milliard", "milliarde", "milliarden"),
    12: ("trillion", "tn", "trn", "billionen"),
    15: ("quadrillion",),
}
MAGNITUDES: Mapping[str, Fraction] = {
    **{name: Fraction(10) ** power for power, names in _MAGNITUDES.items() for name in names},
    "\u043c\u043b\u0440\u0434": Fraction(10) ** 9,
    "dozen": Fraction(12),
}
#: one letter right behind a number; as a unit of its own it would be thousand or kelvin
LETTERS = {"k": Fraction(10) ** 3, "m": Fraction(10) ** 6, "b": Fraction(10) ** 9}
LETTERS["t"] = Fraction(10) ** 12

_SHARES = {
    **dict.fromkeys(("%", "percent", "per cent", "pct", "percentage", "prozent"), 100),
    **dict.fromkeys(("percentage point", "percent point", "pp", "%-point"), 100),
    **dict.fromkeys(("\u2030", "per mille", "per mil", "promille"), 1000),
    **dict.fromkeys(("basis point", "bp", "bps"), 10_000),
}
_CURRENCIES = {
    "$": ("$", "dollar", "us$", "usd", "us dollar", "u.s. dollar", "us-dollar", "american dollar"),
    "eur": ("\u20ac", "eur", "euro"),
    "gbp": ("\u00a3", "gbp", "pound sterling", "british pound"),
    "\u00a5": ("\u00a5", "\uffe5"),
    "jpy": ("jpy", "yen", "japanese yen"),
    "cny": ("cny", "rmb", "yuan", "renminbi"),
    "inr": ("\u20b9", "inr", "rs", "rupee", "indian rupee"),
    "chf": ("chf", "swiss franc", "fr", "sfr"),
    "krw": ("\u20a9", "krw", "won"),
    "rub": ("\u20bd", "rub", "ruble", "rouble"),
    "brl": ("r$", "brl"),
    "cad": ("c$", "ca$", "cad", "canadian dollar"),
    "aud": ("a$", "au$", "aud", "australian dollar"),
    "hkd": ("hk$", "hkd"),
    "sgd": ("s$", "sgd"),
    "nzd": ("nz$", "nzd"),
    "pln": ("z\u0142", "pln", "zloty"),
    "uah": ("\u20b4", "uah"),
    "ils": ("\u20aa", "ils"),
    "try": ("\u20ba", "try"),
    "idr": ("rp", "idr", "rupiah"),
}
#: a sign that several currencies are written with
_SEVERAL = {"$": {"cad", "aud", "hkd", "sgd", "nzd"}, "\u00a5": {"jpy", "cny"}}
CURRENCIES = {name: code for code, names in _CURRENCIES.items() for name in names}

_PREFIXES = {
    "n": (-9, "nano"),
    "\u03bc": (-6, "micro"),
    "m": (-3, "milli"),
    "c": (-2, "centi"),
    "": (0, ""),
    "k": (3, "kilo"),
    "M": (6, "mega"),
    "G": (9, "giga"),
    "T": (12, "tera"),
    "P": (15, "peta"),
    "E": (18, "exa"),
}
_BASES = {
    "W": ("watt",),
    "Wh": ("watthour",),
    "J": ("joule",),
    "g": ("gram", "gramme"),
    "m": ("meter", "metre"),
    "L": ("liter", "litre", "l"),
    "B": ("byte",),
    "bit": ("bit",),
    "Hz": ("hertz",),
    "V": ("volt",),
    "A": ("ampere", "amp"),
    "Pa": ("pascal",),
    "N": ("newton",),
    "eV": ("electronvolt",),
    "t": ("ton", "tonne", "metricton", "metrictonne"),
    "FLOPS": ("flops", "flop/s"),
    "FLOP": ("flop",),
}
_SAME = {
    "s": ("s", "sec", "second"),
    "min": ("min", "minute"),
    "h": ("h", "hr", "hour"),
    "d": ("d", "day"),
    "year": ("year", "yr", "a", "annum"),
    "\u00b0c": ("\u00b0c", "degree celsius", "degrees celsiu", "degc", "celsiu", "deg c"),
    "\u00b0f": ("\u00b0f", "degree fahrenheit", "degrees fahrenheit", "degf", "fahrenheit"),
    "x": ("x", "times", "time", "multiplier", "fold", "-fold"),
    "lb": ("lb", "pound"),
}
_SPELLINGS = {name: code for code, names in _SAME.items() for name in names}
_SIGN_THEN_WORD = re.compile(r"(?<=[$\u20ac\u00a3])(?=[a-zA-Z])")
#: `$M`, `k\u20ac`
_LETTER_AT_SIGN = re.compile(r"([$\u20ac\u00a3])([kKMBT])|([kKMBT])([$\u20ac\u00a3])")
_PER = re.compile(r"\s*/\s*|\s+per\s+")


@dataclass(frozen=True)
class Unit:
    """A unit: `scale` turns numbers in it into numbers in `name`, its base (empty: a bare number).

    `words` is the part of the scale that magnitudes make (`million`); `known` says that the base
    is one of those listed here, not just a text.
    """

    scale: Fraction = ONE
    name: str = ""
    words: Fraction = ONE
    known: bool = True


NONE = Unit()


@cache
def read_unit(text: str) -> Unit:
    """The unit that a text names, such as a cell `answer_unit`; a blank one is none."""
    words, rest = _magnitude("" if is_blank(text) else plain(text).rstrip("."))
    unit = _single(rest) if rest else NONE
    return Unit(words * unit.scale, unit.name, words, unit.known)


def same_unit(truth: Unit, given: Unit) -> bool:
    """Whether a number given in one unit may be the true one in another.

    A number without a unit contradicts none that is listed here (of `3 Idiots` it is another
    thing); percents are numbers, so 12 % is 0.12.
    """
    if given.name == truth.name or (not given.name and truth.known):
        return True
    if not truth.name and given.name == PERCENT:
        return True
    return given.name in _SEVERAL.get(truth.name, ()) or truth.name in _SEVERAL.get(given.name, ())


def behind_number(suffix: str) -> Iterator[Unit]:
    """What a text behind a number may be: a unit, or a magnitude letter with or without one."""
    unit, text = read_unit(suffix), plain(suffix)
    scale = LETTERS.get(text[:1].lower())
    if not scale or (len(text) > 1 and text[1] not in " $\u20ac\u00a3"):
        yield unit
        return
    # of two meanings none is sure
    yield replace(unit, known=False)
    rest = read_unit(text[1:].strip())
    yield Unit(scale * rest.scale, rest.name, scale * rest.words, rest.known)


def _magnitude(text: str) -> tuple[Fraction, str]:
    """The magnitudes at either end of a unit, and what is left: `million USD`, `USD bn`, `$bn`."""
    scale, text = _letter_at_currency(text)
    words = _SIGN_THEN_WORD.sub(" ", text).split()
    while words and (found := MAGNITUDES.get(_singular(words[0]))):
        scale, words = scale * found, words[1:]
    while words and (found := MAGNITUDES.get(_singular(words[-1]))):
        scale, words = scale * found, words[:-1]
    if words[:1] == ["of"] and len(words) > 1:
        words = words[1:]
    return scale, " ".join(words)


def _letter_at_currency(text: str) -> tuple[Fraction, str]:
    match = _LETTER_AT_SIGN.fullmatch(text)
    if match is None:
        return ONE, text
    return LETTERS[(match[2] or match[3]).lower()], match[1] or match[4]


def _single(text: str) -> Unit:
    name = text.casefold()
    for key in (name, _singular(name)):
        if key in _SHARES:
            return Unit(Fraction(1, _SHARES[key]), PERCENT)
        if key in CURRENCIES:
            return Unit(name=CURRENCIES[key])
    found = _prefixed(text)
    if found is not None:
        return found
    for key in (name, _singular(name)):
        if key in _SPELLINGS:
            return Unit(name=_SPELLINGS[key])
    parts = _PER.split(text)
    if len(parts) == 2 and all(parts):
        above, below = map(_single, parts)
        name = f"{above.name}/{below.name}"
        return Unit(above.scale / below.scale, name, known=above.known and below.known)
    # M beside m: of one letter the case counts
    return Unit(name=text if len(text) == 1 else _singular(unit_key(text)), known=False)


def _prefixed(text: str) -> Unit | None:
    """A unit with a prefix, by its symbol (upper and lower case count where it is two) or words."""
    symbol = text.replace("\u00b5", "\u03bc").replace("*", "").replace(".", "")
    exact, folded, words = _symbols()
    found = exact.get(symbol) or folded.get(symbol.casefold())
    return found or words.get(_singular(re.sub(r"[\s-]", "", text.casefold())))


@cache
def _symbols() -> tuple[dict[str, Unit], dict[str, Unit], dict[str, Unit]]:
    exact: dict[str, Unit] = {}
    words: dict[str, Unit] = {}
    spelled: dict[str, set[Unit]] = {}
    for base, names in _BASES.items():
        for prefix, (power, word) in _PREFIXES.items():
            unit = Unit(Fraction(10) ** power, base)
            symbols = (prefix + base, *([prefix + "l"] if base == "L" else []))
            exact.update(dict.fromkeys(symbols, unit))
            words.update({word + name: unit for name in names if word or len(name) > 1})
            for symbol in symbols:
                spelled.setdefault(symbol.casefold(), set()).add(unit)
    folded = {
        symbol: next(iter(units))
        for symbol, units in spelled.items()
        if len(units) == 1 and len(symbol) > 1
    }
    return exact, folded, words


def _singular(word: str) -> str:
    text = word.casefold().rstrip(".")
    return text[:-1] if len(text) > 2 and text.endswith("s") else text
