"""Parsing numbers in English words: `twelve`, `three hundred and five thousand`."""

from fractions import Fraction

from modellab.core.values.units import MAGNITUDES

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


def read_words(text: str) -> tuple[Fraction, str] | None:
    """The number in words at the start of a text, and the rest; None if there is none.

    `minus` and `negative` are signs; `nineteen ninety-eight` is a year. `a` and `an` are one before
    a magnitude or fraction (`a million`, `a third`); magnitudes multiply the number before them,
    fractions divide it (`two thirds`).
    """
    words = text.replace("-", " ").split()
    if words and words[0].casefold() in ("minus", "negative"):
        found = read_words(" ".join(words[1:]))
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


def holds_words(text: str) -> bool:
    """Whether a text contains a number in words."""
    return any(word in _SMALL for word in text.casefold().replace("-", " ").split())


def _fits(before: Fraction, number: int) -> bool:
    """Whether a small number can follow: `twenty five`, not `five twenty`."""
    last = before % 100
    return last == 0 or (number < 10 and last >= 20 and last % 10 == 0 and number > 0)


def _parts(words: list[str], used: int, name: str) -> bool:
    """Whether it is a fraction: after a number, or a half; `third` alone is ordinal."""
    return bool(used) or (name == "half" and words[0].casefold() == "half")
