"""BM25: passages that share words with the question, by Lucene's formula."""

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
from modellab.retrieval.protocol import Hit, IndexedOptions

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
#: in the folder of an index: the language that it was built for
_LANGUAGE = "language.json"


class Bm25Options(IndexedOptions):
    """Finds chunks by the words they share with the question (BM25)."""

    kind: Literal["bm25"] = Field(description="Search by shared words.")
    k1: NonNegativeFloat = Field(
        default=1.5,
        description="How much repeats of a word in a chunk count; with 0 they do not.",
    )
    b: float = Field(
        default=0.75, ge=0, le=1, description="How much long chunks are marked down, from 0 to 1."
    )
    language: Language = Field(
        default="auto",
        description="The language by whose rules endings are cut off; auto: that of the corpus, "
        "English where it is not known; none leaves words whole.",
    )
    stopwords: Stopwords = Field(
        default="auto",
        description="The language whose commonest words are passed over; auto follows `language`.",
    )
    segmenter: Literal["pairs", "dictionary"] = Field(
        default="pairs",
        description="How Chinese, Japanese, Thai and the like are searched: by pairs of "
        "characters, or by the words of a dictionary (jieba, fugashi, PyThaiNLP: the extra "
        "`segmenters`).",
    )

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
        # Numbered here, in the order of the text: bm25s itself would number them by set order.
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
        """Text to stems, for chunks and questions alike; `code` is the corpus's language."""
        import Stemmer

        name = _name(code) if self.language == AUTO else self.language
        skipped = _stopwords(name if self.stopwords == "auto" else self.stopwords)
        stem = Stemmer.Stemmer(name).stemWord if name in _STEMMED else str
        stems = _Stems(stem, skipped)
        segment = dictionary(code) if self.segmenter == "dictionary" else None
        return lambda text: [s for word in terms(text, code, segment) if (s := stems[word])]


class _Stems(dict[str, str]):
    """The stem of each word, made when it is first asked for; of a stopword, nothing."""

    def __init__(self, stem: Callable[[str], str], skipped: Collection[str]) -> None:
        super().__init__(dict.fromkeys(skipped, ""))
        self._stem = stem

    def __missing__(self, word: str) -> str:
        return self.setdefault(word, self._stem(word))


class Bm25Searcher:
    """A loaded index of bm25s with the tokenizer it was built with."""

    def __init__(self, index: Any, tokenize: Tokenize) -> None:
        self._index = index
        self._tokenize = tokenize

    def search(self, queries: Sequence[str], k: int) -> list[list[Hit]]:
        """Only chunks that share a word with the query are hits: there may be fewer than `k`."""
        return [self._search(query, k) for query in queries]

    def _search(self, query: str, k: int) -> list[Hit]:
        known = self._index.get_tokens_ids(self._tokenize(query))
        return best(self._index.get_scores_from_ids(known), k) if known else []


def best(scores: NDArray[np.float32], k: int) -> list[Hit]:
    """The `k` highest scores above zero as hits; equal scores in the order of the chunks."""
    import numpy as np

    least = np.partition(scores, -k)[-k] if k < len(scores) else scores.min(initial=0)
    # in the order of the chunks, and with all that tie for the last place
    rows = np.flatnonzero(scores >= least if least > 0 else scores > 0)
    order = rows[(-scores[rows]).argsort(kind="stable")[:k]]
    return [Hit(int(row), float(scores[row])) for row in order]


def _name(code: str) -> str:
    """By what name a language is known to stemmers and stop words; English where it is unknown."""
    return NAMES.get(code, "none") if code else "english"


def _stopwords(language: str) -> frozenset[str]:
    """The commonest words of a language, empty where bm25s has no list."""
    from bm25s.tokenization import Tokenizer

    if language not in get_args(Stopwords) or language == "none":
        return frozenset()
    return frozenset(word.casefold() for word in Tokenizer(stopwords=language).stopwords)
