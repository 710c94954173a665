"""The language of texts: given as a code, or detected by script and words."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator

from modellab.core.text.words import language_of_script

AUTO = "auto"
UNSURE = "unsure"
#: minimum probability of a detected language
_CONFIDENT = 0.7
_MIN_LETTERS = 10
#: the main language needs this share of the texts with a known language, and this many letters
_SHARE = 0.8
_ENOUGH_LETTERS = 200
#: number of texts of a corpus that are sampled, and of characters of each
_SAMPLE, _SAMPLE_LENGTH = 200, 1000

#: names in libraries of stemmers and stop words
NAMES = {
    "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "zh": "chinese",
    "cs": "czech", "da": "danish", "nl": "dutch", "en": "english", "eo": "esperanto",
    "et": "estonian", "fi": "finnish", "fr": "french", "de": "german", "el": "greek",
    "hi": "hindi", "hu": "hungarian", "id": "indonesian", "ga": "irish", "it": "italian",
    "ko": "korean", "lt": "lithuanian", "ne": "nepali", "no": "norwegian", "nb": "norwegian",
    "nn": "norwegian", "fa": "persian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "st": "sesotho", "es": "spanish", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip


def _code(text: str) -> str:
    from babel import Locale

    code = text.lower().replace("_", "-").split("-")[0]
    if code != AUTO and (len(code) != 2 or code not in Locale("en").languages):
        by_name = [code for code, name in NAMES.items() if name == text.lower()]
        meant = by_name[0] if by_name else "zh"
        raise ValueError(
            f"{text!r} is not a language code; give two letters (ISO 639-1) such as {meant!r}, "
            "or auto"
        )
    return code


#: in the config: a two-letter code or `auto`; a region (zh-TW) is ignored
LanguageOption = Annotated[str, AfterValidator(_code)]


def language_of(text: str) -> str:
    """A two-letter code such as `en`, or `unsure`, by script or py3langid."""
    if by_script := language_of_script(text):
        return by_script
    if sum(character.isalpha() for character in text) < _MIN_LETTERS:
        return UNSURE
    name, probability = _identifier()(text)
    return str(name) if probability >= _CONFIDENT else UNSURE


def languages_of(texts: Sequence[str]) -> Counter[str]:
    """Number of texts by language, including `unsure`, in a sample of them."""
    return Counter(language_of(text) for text in _sample(texts))


def main_language(texts: Sequence[str], given: str = AUTO) -> str:
    """The given code, or that of the language of most texts, in a deterministic sample.

    Empty where the texts are too few or too mixed.
    """
    if given != AUTO:
        return given
    counts = languages_of(texts)
    unsure = counts.pop(UNSURE, 0)
    known = counts.total()
    if not known or known < unsure:
        return ""
    code, most = counts.most_common(1)[0]
    sample = _sample(texts)
    enough = sum(sum(map(str.isalpha, text)) for text in sample) >= _ENOUGH_LETTERS
    if most < _SHARE * known or not (enough or language_of_script(" ".join(sample))):
        return ""
    return code


def _sample(texts: Sequence[str]) -> list[str]:
    step = max(1, -(-len(texts) // _SAMPLE))
    return [text[:_SAMPLE_LENGTH] for text in texts[::step]]


@cache
def _identifier() -> Callable[[str], Any]:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    classify: Callable[[str], Any] = LanguageIdentifier.from_model_file(
        MODEL_FILE, norm_probs=True
    ).classify
    return classify
