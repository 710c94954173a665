"""Blank values of WattBot answers.

Used by the task (which answers are abstentions) and the scorers; separate from both, so that a
change of a scorer does not make predictions stale.
"""

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
