"""BM25: passages that share words with the question (Lucene's formula)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import Field, NonNegativeFloat

from modellab.core.errors import InputError
from modellab.core.io.jsonl import read_json, write_json
from modellab.core.records import Chunk
from modellab.core.text.dictionaries import dictionary
from modellab.core.text.languages import AUTO, NAMES, main_language
from modellab.core.text.words import terms
from modellab.retrieval.protocol import LINE_BYTES, Hit, IndexedOptions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Tokenize = Callable[[str], list[str]]

# fmt: off
Language = Literal[
    "auto", "none",
    "arabic", "armenian", "basque", "catalan", "czech", "danish", "dutch", "english", "esperanto",
    "estonian", "finnish", "french", "german", "greek", "hindi", "hungarian", "indonesian", "irish",
    "italian", "lithuanian", "nepali", "norwegian", "persian", "polish", "portuguese", "romanian",
    "russian", "serbian", "sesotho", "spanish", "swedish", "tamil", "turkish", "yiddish",
]
Stopwords = Literal[
    "auto", "none", "chinese", "danish", "dutch", "english", "french", "german", "italian",
    "korean", "norwegian", "portuguese", "russian", "spanish", "swedish", "turkish",
]
# fmt: on
_STEMMED = frozenset(get_args(Language)) - {"auto", "none"}
#: in the folder of an index: its language
_LANGUAGE = "language.json"
#: memory per byte of text (36 per word: its number, and copies of its entry in the matrix), and of
#: vocabulary and language detection
_BYTES_PER_BYTE, _FIXED_BYTES = 6, 90 * 2**20


class Bm25Options(IndexedOptions):
    """Search by shared words (BM25)."""

    kind: Literal["bm25"] = Field(description="Search by shared words.")
    k1: NonNegativeFloat = Field(
        default=1.5,
        description="How much repeats of a word in a chunk count; 0: not at all.",
    )
    b: float = Field(
        default=0.75, ge=0, le=1, description="How much long chunks are penalised, from 0 to 1."
    )
    language: Language = Field(
        default="auto",
        description="The language of the stemmer; auto: that of the corpus, English if it is not "
        "known; none: no stemming.",
    )
    stopwords: Stopwords = Field(
        default="auto",
        description="The language of the stop words; auto follows `language`.",
    )
    segmenter: Literal["pairs", "dictionary"] = Field(
        default="pairs",
        description="How Chinese, Japanese, Thai and the like are searched: by pairs of "
        "characters, or by the words of a dictionary (jieba, fugashi, PyThaiNLP: the extra "
        "`segmenters`).",
    )

    def build_bytes(self, chunks: int, file_bytes: int) -> int:
        words = _BYTES_PER_BYTE * max(0, file_bytes - LINE_BYTES * chunks)
        return super().build_bytes(chunks, file_bytes) + words + _FIXED_BYTES

    def build(
        self,
        chunks: Sequence[Chunk],
        folder: Path,
        seed: int,
        journals: Path | None = None,
        language: str = AUTO,
    ) -> None:
        """Write the index. Raises InputError when no chunk has a word to search for."""
        import bm25s

        code = main_language([chunk.text for chunk in chunks], language)
        tokenize = self.tokenizer(code)
        write_json(folder / _LANGUAGE, {"language": code})
        # numbered in the order of the text: bm25s itself would number them by set order
        vocabulary: dict[str, int] = {}
        ids = [
            [vocabulary.setdefault(token, len(vocabulary)) for token in tokenize(chunk.text)]
            for chunk in chunks
        ]
        if not vocabulary:
            raise InputError("bm25: no chunk holds a word to search for; check the corpus")
        index = bm25s.BM25(k1=self.k1, b=self.b)
        index.index((ids, vocabulary), create_empty_token=False, show_progress=False)
        index.save(folder, show_progress=False)

    def load(self, folder: Path, journals: Path | None = None) -> Bm25Searcher:
        import bm25s

        code = read_json(folder / _LANGUAGE)["language"]
        return Bm25Searcher(bm25s.BM25.load(folder, show_progress=False), self.tokenizer(code))

    def tokenizer(self, code: str = "") -> Tokenize:
        """A function from text to stems; `code` is the corpus's language."""
        import Stemmer

        # a corpus of unknown language is stemmed as English
        name = NAMES.get(code, "none") if code else "english"
        name = name if self.language == AUTO else self.language
        skipped = _stopwords(name if self.stopwords == "auto" else self.stopwords)
        stem = Stemmer.Stemmer(name).stemWord if name in _STEMMED else str
        stems = _Stems(stem, skipped)
        segment = dictionary(code) if self.segmenter == "dictionary" else None
        return lambda text: [s for word in terms(text, code, segment) if (s := stems[word])]


class _Stems(dict[str, str]):
    """A cache of stems by word; empty for a stop word."""

    def __init__(self, stem: Callable[[str], str], skipped: Collection[str]) -> None:
        super().__init__(dict.fromkeys(skipped, ""))
        self._stem = stem

    def __missing__(self, word: str) -> str:
        return self.setdefault(word, self._stem(word))


class Bm25Searcher:
    """A loaded bm25s index with its tokenizer."""

    def __init__(self, index: Any, tokenize: Tokenize) -> None:
        self._index = index
        self._tokenize = tokenize

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """Up to `k` chunks that share a word with the query."""
        known = (self._index.get_tokens_ids(self._tokenize(query)) for query in queries)
        return [best(self._index.get_scores_from_ids(ids), k) if ids else [] for ids in known]


def best(scores: NDArray[np.float32], k: int) -> list[Hit]:
    """The `k` highest scores above zero as hits; equal scores in the order of the chunks."""
    import numpy as np

    least = np.partition(scores, -k)[-k] if k < len(scores) else scores.min(initial=0)
    # in chunk order, with all that tie for the last place
    rows = np.flatnonzero(scores >= least if least > 0 else scores > 0)
    order = rows[(-scores[rows]).argsort(kind="stable")[:k]]
    return [Hit(int(row), float(scores[row])) for row in order]


def _stopwords(language: str) -> frozenset[str]:
    """The stop words of a language; empty if bm25s has no list."""
    from bm25s.tokenization import Tokenizer

    if language not in get_args(Stopwords) or language == "none":
        return frozenset()
    return frozenset(word.casefold() for word in Tokenizer(stopwords=language).stopwords)
