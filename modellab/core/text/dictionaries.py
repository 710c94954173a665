"""Optional dictionary-based segmenters of Chinese, Japanese and Thai.

Install them with `pip install 'modellab[segmenters]'`.
"""

import logging
import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

from modellab.core.errors import InputError
from modellab.core.text.words import Segment

#: required packages by language
_LIBRARIES = {"zh": ("jieba",), "ja": ("fugashi", "unidic_lite"), "th": ("pythainlp",)}


def dictionary_trouble(language: str) -> str | None:
    """Why a language cannot be segmented by a dictionary; None if it can."""
    if language not in _LIBRARIES:
        known = ", ".join(_LIBRARIES)
        return f"there is no dictionary for the language {language or 'of these texts'!r}: {known}"
    missing = [name for name in _LIBRARIES[language] if find_spec(name) is None]
    if missing:
        return f"{missing[0]} is not installed: pip install 'modellab[segmenters]'"
    return None


def dictionary(language: str) -> Segment:
    """The segmenter of a language. Raises InputError with `dictionary_trouble`."""
    if trouble := dictionary_trouble(language):
        raise InputError(f"segmenter: dictionary: {trouble}; or use pairs")
    return {"zh": _chinese, "ja": _japanese, "th": _thai}[language]()


def _chinese() -> Segment:
    """Words of the dictionary only, and the shorter ones inside long ones, as for search."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    # by default its cache has a predictable path that anybody could have written to
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.tmp_dir = folder
        tokenizer.initialize()
    return lambda run: list(tokenizer.cut_for_search(run, HMM=False))


def _japanese() -> Segment:
    import fugashi
    import unidic_lite

    folder = Path(unidic_lite.DICDIR)
    tagger = fugashi.Tagger(f'-d "{folder}" -r "{folder / "mecabrc"}"')
    return lambda run: [word.surface for word in tagger(run)]


def _thai() -> Segment:
    # else it creates a folder in the user's home
    os.environ.setdefault("PYTHAINLP_READ_ONLY", "1")
    from pythainlp.tokenize import word_tokenize

    return lambda run: list(word_tokenize(run, engine="newmm", keep_whitespace=False))
