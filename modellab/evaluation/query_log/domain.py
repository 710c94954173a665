"""How users ask: lengths, words, languages, scores, with and without an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean, median

from modellab.core.text.languages import language_of
from modellab.core.text.words import count_words, has_signs, terms
from modellab.evaluation.query_log.table import Asked

MOST_TERMS = 50
MOST_TERMS_OF_PART = 30
_SHORTEST_TERM = 3


@dataclass(frozen=True)
class Domain:
    """Counts are of questions, lengths in characters and words. Terms are the most frequent.

    `answered_rate` is from 0 to 1, None where the table has no answers; the distribution of
    scores is by their value as it stands.
    """

    questions: int
    empty_rows: int
    answered: int | None
    unanswered: int | None
    answered_rate: float | None
    scored: int
    mean_score: float | None
    score_distribution: dict[str, int]
    mean_characters: float
    median_characters: float
    mean_words: float
    median_words: float
    repeated: int
    languages: dict[str, int]
    terms: dict[str, int]
    terms_of_answered: dict[str, int]
    terms_of_unanswered: dict[str, int]


def domain(asked: Sequence[Asked], empty_rows: int, has_answers: bool) -> Domain:
    """The profile of at least one question; `repeated` counts askings of a text after the first."""
    characters = [len(one.text) for one in asked]
    lengths = [count_words(one.text) for one in asked]
    scores = [one.score for one in asked if one.score is not None]
    with_answer = [one for one in asked if one.answer]
    without = [one for one in asked if not one.answer]
    return Domain(
        questions=len(asked),
        empty_rows=empty_rows,
        answered=len(with_answer) if has_answers else None,
        unanswered=len(without) if has_answers else None,
        answered_rate=len(with_answer) / len(asked) if has_answers else None,
        scored=len(scores),
        mean_score=mean(scores) if scores else None,
        score_distribution={_told(score): n for score, n in sorted(Counter(scores).items())},
        mean_characters=mean(characters),
        median_characters=median(characters),
        mean_words=mean(lengths),
        median_words=median(lengths),
        repeated=len(asked) - len({" ".join(one.text.casefold().split()) for one in asked}),
        languages=ranked(Counter(language_of(one.text) for one in asked)),
        terms=frequent_terms(asked, MOST_TERMS),
        terms_of_answered=frequent_terms(with_answer, MOST_TERMS_OF_PART) if has_answers else {},
        terms_of_unanswered=frequent_terms(without, MOST_TERMS_OF_PART) if has_answers else {},
    )


def _told(score: float) -> str:
    """In few digits where they say it all: two scores must not become one."""
    short = f"{score:g}"
    return short if float(short) == score else repr(score)


def frequent_terms(asked: Iterable[Asked], most: int) -> dict[str, int]:
    """In how many questions a word of three letters or more stands; the most frequent first."""
    counts = Counter(term for one in asked for term in terms_in(one.text))
    return dict(list(ranked(counts).items())[:most])


def terms_in(text: str) -> set[str]:
    """The words of a text that may describe it: not the shortest, no numbers.

    Of scripts without spaces these are pairs of characters.
    """
    return {
        word
        for word in terms(text)
        if len(word) >= (2 if has_signs(word) else _SHORTEST_TERM) and not word[0].isdecimal()
    }


def ranked(counts: Counter[str]) -> dict[str, int]:
    """Most frequent first; equal counts by the alphabet."""
    return {name: counts[name] for name in sorted(counts, key=lambda name: (-counts[name], name))}
