"""Blank values of answers, for tasks and scorers."""

#: written where there is no answer
BLANK = "is_blank"

_TOKENS = frozenset({"", "na", "n/a", BLANK})
_SENTENCE = "unable to answer with confidence based on the provided documents"


def is_blank(value: str) -> bool:
    """Whether a value means no answer, ignoring case and outer spaces.

    "none", "null" and "nan" are answers by the published rules.
    """
    text = value.strip().lower()
    return text in _TOKENS or text.startswith(_SENTENCE)
