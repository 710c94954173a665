"""How a WattBot answer says that there is no answer.

One rule for the task (which answers are abstentions) and for the scorers (what counts as blank);
it is apart from both, so that a changed scorer touches no prediction.
"""

from __future__ import annotations

#: what to write when there is no answer
BLANK = "is_blank"

_TOKENS = frozenset({"", "na", "n/a", BLANK})
_SENTENCE = "unable to answer with confidence based on the provided documents"


def is_blank(value: str) -> bool:
    """Whether a value stands for no answer, whatever its case and outer spaces.

    "none", "null" and "nan" are answers: the published rules do not count them as blank.
    """
    text = value.strip().lower()
    return text in _TOKENS or text.startswith(_SENTENCE)
