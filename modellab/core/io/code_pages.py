"""Guessing the encoding of a text by its letters; short texts are enough.

Statistical detectors need some hundred bytes. A table of ten questions in Shift-JIS or KOI8-R has
fewer, but each wrong encoding shows letters that its languages seldom use, signs inside words or
capitals after small letters.
"""

import unicodedata
from collections.abc import Mapping
from functools import cache
from itertools import islice
from typing import NamedTuple

#: characters outside ASCII that are looked at
_MOST = 2_000
#: the mean weight of a plausible text
_PLAUSIBLE = 0.5
#: how much more plausible
_MORE = 0.001
#: signs beside words in all languages, and those that may be inside of one
_SIGNS, _INSIDE = (
    "\u20ac\u201c\u201d\u201e\u2013\u2014\u2026\u00ab\u00bb\u00b0\u00b2\u00b3\u00a7\u00b5\u00b7\u00bd\u00a3\u00bf\u00a1\u00a0",
    "\u2019\u00b7",
)
#: traditional forms of frequent Chinese characters
_TRADITIONAL = "個們這為國說時會對過發後裡樣經麼學當沒動還進從實長"


class _Page(NamedTuple):
    """An encoding of a language.

    Attributes:
        encoding: As Python calls it.
        languages: As charset-normalizer calls them.
        letters: Further frequent characters, the most frequent first.
        script: The start of the Unicode names of their letters; empty: Latin.
        common: The first bytes of common characters of two bytes.
    """

    encoding: str
    languages: tuple[str, ...] = ()
    letters: str = ""
    script: str = ""
    common: range = range(0)


_JAPANESE = ("Japanese", "Japanese—", "Japanese——")
_WESTERN = (
    *("üäöß", "éèàêçâôîùûëïœ", "ãçáéíóõúêâôà", "áíóñéúü", "àèéìòù", "åäöæøé", "áðíéóöúþæý"),
    "éäüöàßèçáíóñêôâûîãõåøæúìòùëïœý",
)
_CENTRAL = ("łąęóśżćźń", "áíěéřšžýůúčťďňôľĺä", "áéöóőüíúű", "ăîâşţ", "čšžćđ")
#: the most usual first; each further one must be a bit more plausible
_PAGES = (
    *(_Page(name, (), one) for name in ("cp1252", "mac_roman", "cp850") for one in _WESTERN),
    _Page("cp1254", (), "ıüşçöğİâîû"),
    *(_Page(name, (), one) for name in ("cp1250", "iso8859_2") for one in _CENTRAL),
    *(
        _Page(name, ("Russian",), script="CYRILLIC")
        for name in ("cp1251", "koi8_r", "cp866", "iso8859_5")
    ),
    *(_Page(name, ("Greek",), script="GREEK") for name in ("cp1253", "iso8859_7")),
    _Page("cp1255", ("Hebrew",), script="HEBREW"),
    _Page("cp1256", ("Arabic", "Farsi"), script="ARABIC"),
    _Page("cp874", ("Thai",), script="THAI"),
    _Page("cp932", _JAPANESE, common=range(0x88, 0x98)),
    _Page("gb18030", ("Chinese",), common=range(0xB0, 0xD8)),
    _Page("big5", ("Chinese",), _TRADITIONAL, common=range(0xA4, 0xC7)),
    _Page("cp949", ("Korean",), common=range(0xB0, 0xC9)),
    _Page("euc_jp", _JAPANESE, common=range(0xB0, 0xD0)),
)


def guessed(data: bytes) -> tuple[str, str] | None:
    """The most plausible encoding and the text; None if none is plausible."""
    found: dict[str, str] = {}
    for name in dict.fromkeys(page.encoding for page in _PAGES):
        try:
            found[name] = data.decode(name)
        except UnicodeDecodeError:
            continue
    scores = {
        page: _plausibility(found[page.encoding], page) - place * _MORE
        for place, page in enumerate(_PAGES)
        if page.encoding in found
    }
    best = max(scores, key=lambda page: scores[page], default=None)
    if best is None or scores[best] < _PLAUSIBLE:
        return None
    return best.encoding, found[best.encoding]


def _plausibility(text: str, page: _Page) -> float:
    """The mean weight of the characters outside ASCII, from 0 to 1."""
    places = list(islice((at for at, char in enumerate(text) if not char.isascii()), _MOST))
    ranks = _ranks(page)
    weights = (
        _weight(text[at - 1 : at] or " ", text[at], text[at + 1 : at + 2], page, ranks)
        for at in places
    )
    return sum(weights) / max(len(places), 1)


def _weight(before: str, char: str, after: str, page: _Page, ranks: Mapping[str, int]) -> float:
    """How usual a character is between two others."""
    if char in _SIGNS or char in _INSIDE:
        inside = before.isalpha() and after.isalpha() and char not in _INSIDE
        return 0.0 if inside or page.common else 0.7
    if page.common:
        if char in ranks or "\u3000" <= char < "\u3020" or "\uff01" <= char < "\uff60":
            return 1.0
        code = char.encode(page.encoding)
        return 0.6 if len(code) == 2 and code[0] in page.common else 0.0
    if (char.isupper() and before.islower()) or (char.islower() and after.isupper()):
        return 0.0
    rank = ranks.get(char, ranks.get(char.lower()))
    if not page.script:
        foreign = before.isalpha() and not before.isascii()
        return 0.0 if rank is None else (1 - 0.4 * rank / len(ranks)) * (0.5 if foreign else 1)
    if any(one.isascii() and one.isalpha() for one in (before, after)):
        return 0.0
    if rank is None:
        return 0.3 if unicodedata.name(char, "").startswith(page.script) else 0.0
    # a text is seldom in capitals
    return (1 - 0.6 * rank / len(ranks)) * (0.9 if char.isupper() else 1)


@cache
def _ranks(page: _Page) -> dict[str, int]:
    from charset_normalizer.constant import FREQUENCIES

    listed = [*page.letters, *(char for name in page.languages for char in FREQUENCIES[name])]
    return {char: rank for rank, char in enumerate(dict.fromkeys(listed))}
