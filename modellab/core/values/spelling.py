"""Normalising the spelling of texts."""

import html
import re
import unicodedata

_SUPERSCRIPTS = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207b\u207a"
_SUPERSCRIPT = re.compile(f"[{_SUPERSCRIPTS}]+")
_TO_DIGITS = str.maketrans(_SUPERSCRIPTS, "0123456789-+")
#: before a one-character fraction: without a space, one and a half would be eleven halves
_BEHIND_DIGIT = re.compile(r"(?<=\d)(?=[\u00bc-\u00be\u2150-\u215e])")
#: invisible: soft hyphens, zero-width characters, writing directions
_UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufeff\u061c"
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63", "-"),
        **dict.fromkeys("\u2019\u2018\u02bc\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        **dict.fromkeys(_UNSEEN, None),
        "\u00d7": "x",
        "\u22c5": "*",
        "\u00b7": "*",
        "\u2044": "/",
        "\u2215": "/",
        # quotes and full stop of Chinese and Japanese
        **dict.fromkeys("\u300c\u300d\u300e\u300f", '"'),
        "\u3002": ".",
        # Arabic decimal mark, grouping mark, percent
        "\u066b": ".",
        "\u066c": "'",
        "\u066a": "%",
    }
)
#: `U.S.`, `J.`, `Ph.D.`: letters with full stops, the last one optional
_INITIALS = re.compile(r"\b(?:(?:[^\W\d_]|[A-Z][a-z])\.)+[^\W\d_]?(?!\w)")
_PARTED_INITIALS = re.compile(r"(?<=\b[^\W\d_]\.) (?=[^\W\d_](?:\.|$))")
_TEX = {"\\%": "%", "\\$": "$", "\\times": "x", "\\cdot": "*", "\\,": " "}
#: `\boxed{5}`, `\text{yes}`; `\(5\)`, `\[5\]`
_TEX_GROUP = re.compile(r"\\(?:boxed|text|mathrm|mathbf) ?\{([^{}]*)\}")
_TEX_MATH = re.compile(r"\\\((.+)\\\)|\\\[(.+)\\\]")
#: the result mark of worked solutions (`#### 5`), a lone `=`
_RESULT = re.compile(r"^(?:#{2,} |= ?)(?=\S)")
#: the letter of a choice: `(B)`, `B)`
_CHOICE = re.compile(r"\(?([^\W\d_])\)")
#: with the semicolon: `R&D` and `&copy` stay
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,8}\d?);", re.IGNORECASE)
#: before a name; before a number it is a minus
_BULLET = re.compile(r"^(?:[-*] (?=[^\W\d])|\u2022 ?)")
#: enclosing quotes, and bold and code of Markdown
_AROUND = ('"', "'", "**", "__", "*", "`", "$")


def plain(text: str) -> str:
    """NFKC letters, digits 0 to 9, superscripts as `^9`, one kind of dash, single spaces."""
    text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    powers = _SUPERSCRIPT.sub(lambda match: "^" + match[0].translate(_TO_DIGITS), text)
    parted = _BEHIND_DIGIT.sub(" ", powers)
    # composed again afterwards: invisible characters may have separated combining marks
    signs = unicodedata.normalize("NFKC", parted).translate(_SIGNS)
    return " ".join(unicodedata.normalize("NFC", _western_digits(signs)).split())


def text_key(text: str) -> str:
    """A key for comparing texts: `plain`, casefolded, no spaces around `-:/&+`."""
    key = re.sub(r" ?([-:/&+]) ?", r"\1", plain(text).casefold())
    return key.replace("i\u0307", "i")  # the small form of a Turkish \u0130


def name_key(text: str) -> str:
    """A key for comparing names: `text_key` without the full stops of initials.

    U.S. is US, and J. Smith is J Smith; a.py is not apy.
    """
    joined = _PARTED_INITIALS.sub("", plain(text))
    return text_key(_INITIALS.sub(lambda found: found[0].replace(".", ""), joined))


def bare(text: str) -> str:
    """A plain text without enclosing quotes, Markdown or TeX (`$5$`), or final punctuation.

    `#### 5`, `= 5` are 5, and the choices `(B)`, `B)` are B.
    """
    text = _RESULT.sub("", _BULLET.sub("", plain(text)), count=1)
    for command, sign in _TEX.items():
        text = text.replace(command, sign)
    while (shorter := _unwrapped(text)) != text:
        text = shorter
    choice = _CHOICE.fullmatch(text)
    return choice[1] if choice else text


def _unwrapped(text: str) -> str:
    if math := _TEX_MATH.fullmatch(text):
        return (math[1] or math[2]).strip()
    text = _TEX_GROUP.sub(r"\1", text)
    for mark in _AROUND:
        inner = text[len(mark) : -len(mark)]
        around = len(text) > 2 * len(mark) and text.startswith(mark) and text.endswith(mark)
        if around and mark not in inner:
            return inner.strip()
    if text[-1:] in (",", ";") or (text.endswith("!") and text[-2:-1].isalpha()):
        return text[:-1].rstrip()
    if text.endswith(".") and not text.endswith("..") and len(text) > 1:
        return text[:-1].rstrip()
    return text


def _western_digits(text: str) -> str:
    """Digits of all scripts as 0 to 9."""
    return "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() and sign > "9" else sign for sign in text
    )
