"""Which chunks the users' questions find, and how users put their questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import mean, median
from typing import Any

import pandas as pd

from modellab.core.records import Chunk
from modellab.core.text.languages import language_of
from modellab.core.text.words import count_words, has_signs, terms
from modellab.retrieval.protocol import Hit

#: concentration: the share of all uses that falls on this share of the chunks
TOP_SHARE = 0.1
#: number of terms of all questions, and of those with or without an answer
MOST_TERMS, MOST_TERMS_OF_PART = 50, 30
_SHORTEST_TERM = 3


def chunk_uses(found: Sequence[Sequence[Hit]], chunks: Sequence[Chunk]) -> pd.DataFrame:
    """All chunks, the most used first: how many questions find each, and find it first."""
    uses = pd.Series([hit.row for hits in found for hit in hits], dtype=int).value_counts()
    firsts = pd.Series([hits[0].row for hits in found if hits], dtype=int).value_counts()
    about = [(one.id, one.document_id, one.title, one.place) for one in chunks]
    table = pd.DataFrame(about, columns=["chunk_id", "document_id", "title", "place"])
    for name, counts in (("uses", uses), ("first_places", firsts)):
        table[name] = counts.reindex(table.index, fill_value=0)
    return table.sort_values("uses", ascending=False, kind="stable", ignore_index=True)


def utilisation(found: Sequence[Sequence[Hit]], uses: pd.DataFrame, top_k: int) -> dict[str, Any]:
    """How much of a corpus is used, from `chunk_uses`.

    `rate` is the share of chunks that at least one question finds; `gini` the inequality of their
    uses (0: all equal, towards 1: all on one chunk); `top_share_of_uses` the share of uses that
    falls on the most used tenth of all chunks. The last two are None where nothing is found.
    `nothing_found` counts questions without a single chunk.
    """
    counts, used = uses["uses"], uses[uses["uses"] > 0]
    top = counts.head(max(1, round(len(uses) * TOP_SHARE))).sum()
    return {
        "questions": len(found),
        "nothing_found": sum(not hits for hits in found),
        "top_k": top_k,
        "total_chunks": len(uses),
        "used_chunks": len(used),
        "unused_chunks": len(uses) - len(used),
        "rate": len(used) / len(uses),
        "documents": uses["document_id"].nunique(),
        "used_documents": used["document_id"].nunique(),
        "gini": gini(counts.tolist()),
        "top_share_of_uses": float(top / counts.sum()) if counts.any() else None,
    }


def gini(counts: Sequence[int]) -> float | None:
    """The Gini coefficient of some counts, from 0 to 1 - 1/n; None where all are zero."""
    total, size = sum(counts), len(counts)
    if not total:
        return None
    weighted = sum(rank * count for rank, count in enumerate(sorted(counts), start=1))
    return 2 * weighted / (size * total) - (size + 1) / size


def domain(queries: pd.DataFrame, empty_rows: int, has_answers: bool) -> dict[str, Any]:
    """The profile of at least one question, with lengths in characters and words.

    `answered_rate` is from 0 to 1, None where the log has no answers; the distribution of scores
    is by their value as written; `repeated` counts questions whose text occurred before.
    """
    texts, answered = queries["text"], queries["answer"] != ""
    lengths = {"characters": texts.str.len(), "words": texts.map(count_words)}
    scores = queries["score"].dropna()
    count = int(answered.sum())
    return {
        "questions": len(queries),
        "empty_rows": empty_rows,
        "answered": count if has_answers else None,
        "unanswered": len(queries) - count if has_answers else None,
        "answered_rate": count / len(queries) if has_answers else None,
        "scored": len(scores),
        "mean_score": mean(scores) if len(scores) else None,
        "score_distribution": {
            _short(score): int(n) for score, n in scores.value_counts().sort_index().items()
        },
        **{
            f"{middle.__name__}_{unit}": middle(numbers.tolist())
            for unit, numbers in lengths.items()
            for middle in (mean, median)
        },
        "repeated": len(texts) - len({" ".join(text.casefold().split()) for text in texts}),
        "languages": _ranked(Counter(texts.map(language_of))),
        "terms": frequent_terms(texts, MOST_TERMS),
        "terms_of_answered": frequent_terms(texts[answered & has_answers], MOST_TERMS_OF_PART),
        "terms_of_unanswered": frequent_terms(texts[~answered & has_answers], MOST_TERMS_OF_PART),
    }


def _short(score: Any) -> str:
    """In few digits where they are exact: two scores must not become one."""
    short = f"{score:g}"
    return short if float(short) == score else repr(float(score))


def frequent_terms(texts: Iterable[str], most: int) -> dict[str, int]:
    """The number of texts with a term, the most frequent first."""
    counts = Counter(term for text in texts for term in terms_in(text))
    return dict(list(_ranked(counts).items())[:most])


def terms_in(text: str) -> set[str]:
    """The words of a text that may describe it: three letters or more, no numbers.

    Of scripts without spaces these are pairs of characters.
    """
    return {
        word
        for word in terms(text)
        if len(word) >= (2 if has_signs(word) else _SHORTEST_TERM) and not word[0].isdecimal()
    }


def _ranked(counts: Counter[str]) -> dict[str, int]:
    """Most frequent first; equal counts by the alphabet."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
