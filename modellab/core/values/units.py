"""Units of numbers: magnitudes, percent, currencies, units with prefixes.

Units with an SI prefix and spans of time are converted to their base (1 kWh is 1000 Wh, 2 hours are
120 minutes); all others are compared by spelling only (`unit_key`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

from modellab.core.text.blank import is_blank
from modellab.core.values.spelling import plain

_DECORATION = re.compile(r"[\s()\[\]{}@:=]")
#: powers of ten: x10^9, 10*9, 10e9, 10**9
_POWER = re.compile(r"x?10(?:\^|\*{1,2}|e)(-?\d+)")
#: a full stop that is not a decimal mark; the mark of a superscript except in a power of ten
_LOOSE = re.compile(r"\.(?!\d)|(?<!10)\^")
#: micro at the start of a unit
_MICRO = re.compile(r"(?<![a-z])(?:mc(?=g|l|mol)|u(?=g|l|m|mol|u|iu)|\u03bc)")


def unit_key(unit: str) -> str:
    """A normalised spelling of a unit.

    Case, spaces, brackets and full stops are ignored; `per` is `/`; powers of ten (`x10^9`, `10*9`,
    `10e9`), superscripts (`m2`) and micro (Greek letter, `u`, `mc`) have one spelling. Units are
    not converted: g/L is not g/dL.
    """
    key = re.sub(r"\bper\b", "/", plain(unit).casefold())
    key = _DECORATION.sub("", key)
    key = _POWER.sub(r"10^\1", _LOOSE.sub("", key))
    return _MICRO.sub("\u03bc", key)


ONE = Fraction(1)
PERCENT = "%"


@dataclass(frozen=True)
class Unit:
    """A unit: `scale` converts numbers to the base unit `name` (empty: none).

    `words` is the part of the scale that comes from magnitudes (`million`); `known`: the base is
    one of those listed here, not just a text; `of` is the whole of a share.
    """

    scale: Fraction = ONE
    name: str = ""
    words: Fraction = ONE
    known: bool = True
    of: str = ""


_MAGNITUDES = {
    2: "hundred",
    3: "thousand|tsd|tausend|\u5343|\u0442\u044b\u0441|\u0442\u044b\u0441\u044f\u0447",
    4: "\u4e07|\u842c",
    5: "lakh|\u0932\u093e\u0916",
    6: (
        "million|mn|mio|mln|millionen|millone|mill\u00f3n|milioni|milyon|\u043c\u043b\u043d|"
        "\u043c\u0438\u043b\u043b\u0438\u043e\u043d|"
        "\u043c\u0438\u043b\u043b\u0438\u043e\u043d\u043e\u0432"
    ),
    7: "crore|\u0915\u0930\u094b\u0921\u093c",
    8: "\u4ebf|\u5104",
    9: (
        "billion|bil|bn|bln|mrd|milliard|milliarde|milliarden|milyar|miliardi|"
        "\u043c\u0438\u043b\u043b\u0438\u0430\u0440\u0434|"
        "\u043c\u0438\u043b\u043b\u0438\u0430\u0440\u0434\u043e\u0432"
    ),
    12: "trillion|tn|trn|billionen",
    15: "quadrillion",
    18: "quintillion",
    21: "sextillion",
}
MAGNITUDES: Mapping[str, Fraction] = {
    **{
        name: Fraction(10) ** power
        for power, names in _MAGNITUDES.items()
        for name in names.split("|")
    },
    "\u043c\u043b\u0440\u0434": Fraction(10) ** 9,
    "dozen": Fraction(12),
}
#: one letter directly after a number; as a unit, k is kelvin
LETTERS = {"k": Fraction(10) ** 3, "m": Fraction(10) ** 6, "b": Fraction(10) ** 9}
LETTERS["t"] = Fraction(10) ** 12

_SHARES = {
    **dict.fromkeys(("%", "percent", "per cent", "pct", "percentage", "prozent"), 100),
    **dict.fromkeys(("percentage point", "percent point", "pp", "%-point"), 100),
    **dict.fromkeys(("\u2030", "per mille", "per mil", "promille"), 1000),
    **dict.fromkeys(("basis point", "bp", "bps"), 10_000),
}
_CURRENCIES = {
    "$": "$|dollar|us$|usd|us dollar|u.s. dollar|us-dollar|american dollar|usd$",
    "eur": "\u20ac|eur|euro",
    "gbp": "\u00a3|gbp|pound sterling|british pound",
    "\u00a5": "\u00a5|\uffe5",
    "jpy": "jpy|yen|japanese yen|\u5186",
    "cny": "cny|rmb|yuan|renminbi|\u5143",
    "inr": "\u20b9|inr|rs|rupee|indian rupee",
    "chf": "chf|swiss franc|fr|sfr",
    "krw": "\u20a9|krw|won|\uc6d0",
    "rub": "\u20bd|rub|ruble|rouble|\u0440\u0443\u0431|\u0440\u0443\u0431\u043b\u0435\u0439",
    "brl": "r$|brl",
    "cad": "c$|ca$|cad|canadian dollar",
    "aud": "a$|au$|aud|australian dollar",
    "hkd": "hk$|hkd",
    "sgd": "s$|sgd",
    "nzd": "nz$|nzd",
    "pln": "z\u0142|pln|zloty",
    "uah": "\u20b4|uah",
    "ils": "\u20aa|ils",
    "try": "\u20ba|try|tl|turkish lira",
    "sek": "sek|swedish krona",
    "nok": "nok|norwegian krone",
    "dkk": "dkk|danish krone",
    "kr": "kr|krona|kronor|krone|kroner",
    "idr": "rp|idr|rupiah",
}
#: symbols and words of several currencies and units
_SEVERAL = {
    "$": {"cad", "aud", "hkd", "sgd", "nzd"},
    "\u00a5": {"jpy", "cny"},
    "kr": {"sek", "nok", "dkk"},
    "pound": {"gbp", "lb"},
}
CURRENCIES = {name: code for code, names in _CURRENCIES.items() for name in names.split("|")}

_PREFIXES = {
    "n": (-9, "nano"), "\u03bc": (-6, "micro"), "m": (-3, "milli"), "c": (-2, "centi"),
    "": (0, ""), "k": (3, "kilo"), "M": (6, "mega"), "G": (9, "giga"),
    "T": (12, "tera"), "P": (15, "peta"), "E": (18, "exa"),
}  # fmt: skip
_BASES = {
    "W": ("watt",), "Wh": ("watthour",), "J": ("joule",), "g": ("gram", "gramme"),
    "m": ("meter", "metre"), "L": ("liter", "litre", "l"), "B": ("byte",), "bit": ("bit",),
    "Hz": ("hertz",), "V": ("volt",), "A": ("ampere", "amp"), "Pa": ("pascal",),
    "N": ("newton",), "eV": ("electronvolt",),
    "t": ("ton", "tonne", "metricton", "metrictonne"), "FLOPS": ("flops", "flop/s"),
    "FLOP": ("flop",), "\u03a9": ("ohm",),
}  # fmt: skip
#: bases that are multiples of other ones
_MULTIPLES = {
    "t": (Fraction(10) ** 6, "g"), "Wh": (Fraction(3600), "J"), "L": (Fraction(1, 1000), "m3"),
}  # fmt: skip
_SAME = {
    "year": "year|yr|a|annum",
    "\u00b0c": (
        "\u00b0c|\u00b0 c|degree celsius|degrees celsiu|degc|celsiu|deg c|degree c|degrees c|c"
    ),
    "\u00b0f": (
        "\u00b0f|\u00b0 f|degree fahrenheit|degrees fahrenheit|degf|fahrenheit|deg f|degree f|"
        "degrees f|f"
    ),
    "k": "k|kelvin",
    "x": "x|times|time|multiplier|fold|-fold",
    "lb": "lb",
    "pound": "pound",
    "oz": "oz|ounce",
    "in": "in|inch|inche",
    "ft": "ft|foot|feet",
    "yd": "yd|yard",
    "mi": "mi|mile",
}
_SPELLINGS = {name: code for code, names in _SAME.items() for name in names.split("|")}
#: spans of time with an exact length, in their base units
_TIMES = {
    **dict.fromkeys(("s", "sec", "second"), Unit(ONE, "s")),
    **dict.fromkeys(("min", "minute"), Unit(Fraction(60), "s")),
    **dict.fromkeys(("h", "hr", "hour"), Unit(Fraction(3600), "s")),
    **dict.fromkeys(("d", "day"), Unit(Fraction(86_400), "s")),
    **dict.fromkeys(("wk", "week"), Unit(Fraction(604_800), "s")),
    **dict.fromkeys(("mo", "month"), Unit(Fraction(1, 12), "year")),
}
#: a mass of carbon dioxide: `tCO2e`, `kg CO2-eq`, `tonnes of carbon dioxide equivalent`
_CO2 = re.compile(
    r"(?P<mass>.+?)[ -]?(?:of )?(?:co2|carbon dioxide)"
    r"(?:[ -]?(?P<equivalent>e|eq|equiv\.?|equivalents?))?",
    re.IGNORECASE,
)
_ALIASES = {"kph": "km/h", "kmh": "km/h", "kmph": "km/h", "mph": "mi/h"}
#: square and cubic lengths: `m^2`, `sq ft`, `cubic metres`, `km squared`
_POWERED = re.compile(
    r"(?:(?P<square>square |sq\.? ?)|cubic |cu\.? )(?P<of>[a-z-]+)"
    r"|(?P<base>[a-z]+)(?:\^?(?P<power>[23])| (?P<squared>squared)| cubed)",
    re.IGNORECASE,
)
_LENGTHS = frozenset({"m", "in", "ft", "yd", "mi"})
#: a share and its whole: `% of users`
_SHARE_OF = re.compile(r"(.+?) of (?:the |all )*(.+)")
_SIGN_THEN_WORD = re.compile(r"(?<=[$\u20ac\u00a3])(?=[a-zA-Z])")
#: `$M`, `k\u20ac`
_LETTER_AT_SIGN = re.compile(r"([$\u20ac\u00a3])([kKMBT])|([kKMBT])([$\u20ac\u00a3])")
_PER = re.compile(r"\s*/\s*|\s+per\s+")


NONE = Unit()


@cache
def read_unit(text: str) -> Unit:
    """Parse a unit, such as a cell `answer_unit`; a blank text is no unit."""
    words, rest = _magnitude("" if is_blank(text) else plain(text).rstrip("."))
    unit = _single(rest) if rest else NONE
    return replace(unit, scale=words * unit.scale, words=words)


def same_unit(truth: Unit, given: Unit) -> bool:
    """Whether the units of a reference and of a given number are compatible.

    A number without a unit is compatible with every known unit (but not with the `Idiots` of
    `3 Idiots`); percents are numbers, so 12 % is 0.12; a reference without a unit is compatible
    with any currency. Shares of different wholes are incompatible.
    """
    if truth.of and given.of and truth.of != given.of:
        return False
    if given.name == truth.name or (not given.name and truth.known):
        return True
    if not truth.name and (given.name == PERCENT or given.name in _CURRENCIES):
        return True
    return given.name in _SEVERAL.get(truth.name, ()) or truth.name in _SEVERAL.get(given.name, ())


def units_after_number(suffix: str) -> Iterator[Unit]:
    """Possible units of a text after a number: a unit, or a magnitude letter and a unit."""
    unit, text = read_unit(suffix), plain(suffix)
    scale = LETTERS.get(text[:1].lower())
    if not scale or (len(text) > 1 and text[1] not in " $\u20ac\u00a3"):
        yield unit
        return
    # ambiguous, so neither is certain
    yield replace(unit, known=False)
    rest = read_unit(text[1:].strip())
    yield Unit(scale * rest.scale, rest.name, scale * rest.words, rest.known)


def with_currency(currency: str, behind: str) -> Unit:
    """The unit of `$5 million per kWh`: a currency before the number, and the text after it."""
    words, rest = _magnitude(plain(behind).rstrip("."))
    unit = _single(f"{currency}{' ' if rest[:1].isalpha() else ''}{rest}")
    return replace(unit, scale=words * unit.scale, words=words)


def _magnitude(text: str) -> tuple[Fraction, str]:
    """The magnitudes at either end of a unit, and the rest: `million USD`, `USD bn`, `$bn`."""
    scale = ONE
    if match := _LETTER_AT_SIGN.fullmatch(text):
        scale, text = LETTERS[(match[2] or match[3]).lower()], match[1] or match[4]
    words = _SIGN_THEN_WORD.sub(" ", text).split()
    while words and (found := MAGNITUDES.get(_singular(words[0]))):
        scale, words = scale * found, words[1:]
    while words and (found := MAGNITUDES.get(_singular(words[-1]))):
        scale, words = scale * found, words[:-1]
    if words[:1] == ["of"] and len(words) > 1:
        words = words[1:]
    return scale, " ".join(words)


def _single(text: str) -> Unit:
    text = _ALIASES.get(text.casefold(), text)
    name = text.casefold()
    share, of = match.groups() if (match := _SHARE_OF.fullmatch(name)) else (name, "")
    for key in (share, _singular(share)):
        if key in _SHARES:
            return Unit(Fraction(1, _SHARES[key]), PERCENT, of="" if of == "all" else of)
    for key in (name, _singular(name)):
        if key in CURRENCIES:
            return Unit(name=CURRENCIES[key])
    found = _prefixed(text) or _powered(text)
    if found is not None:
        return found
    for key in (name, _singular(name)):
        if key in _SPELLINGS:
            return Unit(name=_SPELLINGS[key])
        if key in _TIMES:
            return _TIMES[key]
    if (gas := _CO2.fullmatch(text)) and (mass := _single(gas["mass"])).known:
        return replace(mass, name=f"{mass.name} CO2{'e' if gas['equivalent'] else ''}")
    parts = _PER.split(text)
    if len(parts) == 2 and all(parts):
        above, below = map(_single, parts)
        name = f"{above.name}/{below.name}"
        return Unit(above.scale / below.scale, name, known=above.known and below.known)
    # of a single letter the case counts: M and m
    joined = re.sub(r"(?<=[a-z])-(?=[a-z])", "", unit_key(text))
    return Unit(name=text if len(text) == 1 else _singular(joined), known=False)


def _powered(text: str) -> Unit | None:
    match = _POWERED.fullmatch(text)
    base = _single(match["of"] or match["base"]) if match else NONE
    if match is None or base.name not in _LENGTHS:
        return None
    square = match["square"] or match["squared"] or match["power"] == "2"
    power = 2 if square else 3
    return Unit(base.scale**power, f"{base.name}{power}")


def _prefixed(text: str) -> Unit | None:
    """A unit with an SI prefix, by symbol (case counts where it is ambiguous) or by words."""
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
        scale, name_of_base = _MULTIPLES.get(base, (ONE, base))
        for prefix, (power, word) in _PREFIXES.items():
            unit = Unit(scale * Fraction(10) ** power, name_of_base)
            written = ("\u03bc", "u", "mc") if word == "micro" else (prefix,)
            symbols = [
                sign + name for sign in written for name in {base, *("l" if base == "L" else "")}
            ]
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
