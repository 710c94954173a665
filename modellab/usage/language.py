"""In which language a text is written, where it is long enough to tell."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

UNSURE = "unsure"
#: a language is named from this probability on; short texts fit many
CONFIDENT = 0.7
_FEWEST_LETTERS = 10


def language_of(text: str) -> str:
    """A two-letter code such as `en`, or `unsure` (by the py3langid library)."""
    if sum(character.isalpha() for character in text) < _FEWEST_LETTERS:
        return UNSURE
    name, probability = _identifier()(text)
    return str(name) if probability >= CONFIDENT else UNSURE


@cache
def _identifier() -> Callable[[str], Any]:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    classify: Callable[[str], Any] = LanguageIdentifier.from_model_file(
        MODEL_FILE, norm_probs=True
    ).classify
    return classify
