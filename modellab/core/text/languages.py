"""In which language texts are written: told by a code, by their script, or by their words."""

# A list of codes reads best as words.
# ruff: noqa: SIM905

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator

from modellab.core.text.words import language_of_script

AUTO = "auto"
UNSURE = "unsure"
#: a language is named from this probability on; short texts fit many
CONFIDENT = 0.7
_FEWEST_LETTERS = 10
#: many texts are in a language when so many of those that can be told are, and they have together
#: so many letters
_SHARE = 0.8
_ENOUGH_LETTERS = 200
#: so many texts of a corpus are looked at, so many characters of each
_SAMPLE, _SAMPLE_LENGTH = 200, 1000

# ISO 639-1
_CODES = frozenset(
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da "
    "de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy "
    "hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg "
    "li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or "
    "os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta "
    "te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu".split()
)
#: the names by which libraries of stemmers and stop words know languages
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
    code = text.lower().replace("_", "-").split("-")[0]
    if code != AUTO and code not in _CODES:
        by_name = [code for code, name in NAMES.items() if name == text.lower()]
        meant = by_name[0] if by_name else "zh"
        raise ValueError(
            f"{text!r} is no code of a language; give two letters (ISO 639-1) such as {meant!r}, "
            "or auto"
        )
    return code


#: a key of the config: a code of two letters, or `auto`; a region (zh-TW) is passed over
LanguageOption = Annotated[str, AfterValidator(_code)]


def language_of(text: str) -> str:
    """A two-letter code such as `en`, or `unsure`: by the script, or by the py3langid library."""
    if by_script := language_of_script(text):
        return by_script
    if sum(character.isalpha() for character in text) < _FEWEST_LETTERS:
        return UNSURE
    name, probability = _identifier()(text)
    return str(name) if probability >= CONFIDENT else UNSURE


def languages_of(texts: Sequence[str]) -> Counter[str]:
    """How many texts are in each language, `unsure` among them; of many, those of a sample."""
    return Counter(language_of(text) for text in _sample(texts))


def main_language(texts: Sequence[str], told: str = AUTO) -> str:
    """The code of the language that is told, or else that most texts are written in.

    Empty where the texts are too few or too mixed to tell. A sample of them is looked at, always
    the same for the same texts.
    """
    if told != AUTO:
        return told
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
