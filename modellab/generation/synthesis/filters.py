"""Why a question is refused, from its text alone; and when two answers are the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from modellab.core.records import Question
from modellab.core.text.languages import UNSURE, language_of
from modellab.core.text.words import count_words, words
from modellab.generation.synthesis.drafts import Draft
from modellab.generation.synthesis.options import Kind
from modellab.tasks.open_qa.overlap import token_f1

FEWEST_WORDS, MOST_WORDS = 3, 80
#: a title of fewer words is often the name of what a question is about
_TITLE_WORDS = 3
#: an answer's share of words that its chunks must have
_SHARE = 0.6
_SPEAKS_OF_PASSAGE = re.compile(
    r"\b(the|this|these|above|given|provided)\s+(\w+\s+)?(passages?|text|excerpt|document|chunk)s?\b",
    re.IGNORECASE,
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?:\D|$))")


class Reason(StrEnum):
    """Why a question was refused."""

    MODEL_FAILED = "model_failed"  # the provider gave an error
    MALFORMED = "malformed"  # no question could be read, or it is none
    NO_SECOND_CHUNK = "no_second_chunk"  # nothing to combine or compare with
    SURPLUS = "surplus"  # more than were asked for
    WRONG_LANGUAGE = "wrong_language"
    LEAKS_TITLE = "leaks_title"  # names its document, or speaks of "the passage"
    ANSWER_NOT_IN_CHUNK = "answer_not_in_chunk"
    CHECK_FAILED = "check_failed"  # a checker gave an error
    NOT_ANSWERABLE = "not_answerable"  # a checker found no answer in the chunks
    ANOTHER_ANSWER = "another_answer"  # a checker found a different one
    NOT_SUPPORTED = "not_supported"  # a checker says that an abstract answer does not follow
    ANSWERABLE_WITHOUT = "answerable_without"  # a checker knew the answer without the chunks
    ONE_CHUNK_ENOUGH = "one_chunk_enough"  # a checker needed only one of two chunks
    ANSWERABLE = "answerable"  # it should have no answer, and has one
    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near_duplicate"


def text_reason(draft: Draft, language: str) -> Reason | None:
    """What is wrong with a draft by itself; `language` is a code, or `unsure` for any."""
    count = count_words(draft.question)
    if not FEWEST_WORDS <= count <= MOST_WORDS:
        return Reason.MALFORMED
    spoken = language_of(draft.question)
    if UNSURE not in (spoken, language) and spoken != language:
        return Reason.WRONG_LANGUAGE
    if _leaks(draft):
        return Reason.LEAKS_TITLE
    if draft.source.kind != Kind.UNANSWERABLE and not _is_grounded(draft):
        return Reason.ANSWER_NOT_IN_CHUNK
    return None


def _leaks(draft: Draft) -> bool:
    asked = f" {' '.join(words(draft.question))} "
    titles = [words(chunk.title) for chunk in draft.source.chunks]
    named = any(len(t) >= _TITLE_WORDS and f" {' '.join(t)} " in asked for t in titles)
    return named or bool(_SPEAKS_OF_PASSAGE.search(draft.question))


def _is_grounded(draft: Draft) -> bool:
    """Whether each chunk is quoted, no quote is made up, and the answer is in the chunks.

    An abstract answer, and the result of a comparison or of several steps (a sum, the greater of
    two), need not be there.
    """
    texts = [_plain(chunk.text) for chunk in draft.source.chunks]
    quotes = [_plain(quote) for quote in draft.evidence]
    if not all(quote.strip() and any(quote in text for text in texts) for quote in quotes):
        return False
    if not all(any(quote in text for quote in quotes) for text in texts):
        return False
    kind = draft.source.kind
    return kind.several_chunks or kind.abstract or _holds(" ".join(texts), draft.answer)


def _holds(text: str, answer: str) -> bool:
    """Whether a text has all numbers of an answer and most of its words."""
    there, said = set(text.split()), _plain(answer).split()
    if not said or not set(filter(_is_number, said)) <= there:
        return False
    return sum(word in there for word in said) >= _SHARE * len(said)


def same_answer(truth: str, reply: str, agreement: float) -> bool:
    """Whether a reply says what the true answer says.

    It has all numbers of it, and all of its words or a token F1 of `agreement` and more.
    """
    wanted, said = _plain(truth), _plain(reply)
    needed, there = set(wanted.split()), set(said.split())
    if not needed or not set(filter(_is_number, needed)) <= there:
        return False
    return needed <= there or token_f1(wanted, said) >= agreement


def doubles(kept: Sequence[Draft], drafts: Sequence[Draft]) -> dict[int, Reason]:
    """Rows of `drafts` that say what a kept one or a draft before them says, with the reason."""
    from modellab.questions.data_card import near_doubles

    together = [*kept, *drafts]
    questions = [Question(str(row), d.question, {}, {}, ()) for row, d in enumerate(together)]
    found: dict[int, Reason] = {}
    for pair in near_doubles(questions):
        first, second = int(pair.first), int(pair.second)
        if second < len(kept) or first - len(kept) in found:
            continue
        same = words(together[first].question) == words(together[second].question)
        reason = Reason.DUPLICATE if same else Reason.NEAR_DUPLICATE
        found.setdefault(second - len(kept), reason)
    return found


def _plain(text: str) -> str:
    """Words with a space on each side; 1,287 and 1287 are one number."""
    return f" {' '.join(words(_THOUSANDS.sub('', text)))} "


def _is_number(word: str) -> bool:
    return any(character.isdigit() for character in word)
