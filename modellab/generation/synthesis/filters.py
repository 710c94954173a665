"""Why a question is refused: by its text, by checkers that try to answer it, as a duplicate.

Checkers are other models. They answer a question with its chunks, without them, and with one of
two. An abstract answer has many wordings: checkers say yes or no to whether it follows from chunks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from modellab.core.records import Passage, Question, Response, Status
from modellab.core.text.languages import UNSURE, language_of
from modellab.core.text.words import count_words, words
from modellab.generation.synthesis.drafts import Draft
from modellab.generation.synthesis.options import ANSWER_PROMPT, SUPPORT_PROMPT, QuestionKind
from modellab.tasks.open_qa.overlap import token_f1
from modellab.tasks.open_qa.task import OpenQaOptions

FEWEST_WORDS, MOST_WORDS = 3, 80
#: shorter titles are often the name of the question's subject
_TITLE_WORDS = 3
#: share of an answer's words that its chunks must contain
_SHARE = 0.6
_MENTIONS_PASSAGE = re.compile(
    r"\b(the|this|these|above|given|provided)\s+(\w+\s+)?(passages?|text|excerpt|document|chunk)s?\b",
    re.IGNORECASE,
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?:\D|$))")
#: the passages shown to a checker
ALL, NOTHING, ONE = "all", "nothing", "one"


class RejectionReason(StrEnum):
    """Why a question was refused."""

    MODEL_FAILED = "model_failed"  # the provider gave an error
    MALFORMED = "malformed"  # no readable question
    NO_SECOND_CHUNK = "no_second_chunk"  # nothing to combine or compare with
    SURPLUS = "surplus"  # more than requested
    WRONG_LANGUAGE = "wrong_language"
    LEAKS_TITLE = "leaks_title"  # names its document, or mentions "the passage"
    ANSWER_NOT_IN_CHUNK = "answer_not_in_chunk"
    CHECK_FAILED = "check_failed"  # a checker gave an error
    NOT_ANSWERABLE = "not_answerable"  # a checker found no answer in the chunks
    ANOTHER_ANSWER = "another_answer"  # a checker found a different one
    NOT_SUPPORTED = "not_supported"  # an abstract answer does not follow, by a checker
    ANSWERABLE_WITHOUT = "answerable_without"  # a checker knew the answer without the chunks
    ONE_CHUNK_ENOUGH = "one_chunk_enough"  # a checker needed only one of two chunks
    ANSWERABLE = "answerable"  # it should have no answer, and has one
    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near_duplicate"


def text_reason(draft: Draft, language: str) -> RejectionReason | None:
    """Why the text alone is refused; `language` is a code, or `unsure` for any."""
    if not FEWEST_WORDS <= count_words(draft.question) <= MOST_WORDS:
        return RejectionReason.MALFORMED
    detected = language_of(draft.question)
    if UNSURE not in (detected, language) and detected != language:
        return RejectionReason.WRONG_LANGUAGE
    asked = f" {' '.join(words(draft.question))} "
    titles = [words(chunk.title) for chunk in draft.source.chunks]
    if any(len(t) >= _TITLE_WORDS and f" {' '.join(t)} " in asked for t in titles):
        return RejectionReason.LEAKS_TITLE
    if _MENTIONS_PASSAGE.search(draft.question):
        return RejectionReason.LEAKS_TITLE
    if draft.source.kind != QuestionKind.UNANSWERABLE and not _is_grounded(draft):
        return RejectionReason.ANSWER_NOT_IN_CHUNK
    return None


def _is_grounded(draft: Draft) -> bool:
    """Each chunk is quoted, each quote is in a chunk, and the chunks contain the answer.

    Abstract answers, and results of comparisons or several steps (such as sums), need not be there.
    """
    texts = [_plain(chunk.text) for chunk in draft.source.chunks]
    quotes = [_plain(quote) for quote in draft.evidence]
    if not all(quote.strip() and any(quote in text for text in texts) for quote in quotes):
        return False
    if not all(any(quote in text for quote in quotes) for text in texts):
        return False
    kind = draft.source.kind
    if kind.several_chunks or kind.abstract:
        return True
    known, answer = set(" ".join(texts).split()), _plain(draft.answer).split()
    if not answer or not set(filter(_is_number, answer)) <= known:
        return False
    return sum(word in known for word in answer) >= _SHARE * len(answer)


def same_answer(truth: str, reply: str, agreement: float) -> bool:
    """Whether a reply has all numbers of the true answer, and all words or `agreement` token F1."""
    expected, actual = _plain(truth), _plain(reply)
    needed, present = set(expected.split()), set(actual.split())
    if not needed or not set(filter(_is_number, needed)) <= present:
        return False
    return needed <= present or token_f1(expected, actual) >= agreement


def duplicates(kept: Sequence[Draft], drafts: Sequence[Draft]) -> dict[int, RejectionReason]:
    """Rows of `drafts` that repeat a kept draft or an earlier row, with the reason."""
    from modellab.questions.data_card import near_duplicates

    together = [*kept, *drafts]
    questions = [Question(str(row), d.question, {}, {}, ()) for row, d in enumerate(together)]
    found: dict[int, RejectionReason] = {}
    for pair in near_duplicates(questions):
        first, second = int(pair.first), int(pair.second)
        if second < len(kept) or first - len(kept) in found:
            continue
        same = words(together[first].question) == words(together[second].question)
        reason = RejectionReason.DUPLICATE if same else RejectionReason.NEAR_DUPLICATE
        found.setdefault(second - len(kept), reason)
    return found


@dataclass(frozen=True)
class DraftCheck:
    """One draft given to a checker, with all, one or none of its passages (`shown`)."""

    draft: Draft
    shown: str
    passages: tuple[Passage, ...]

    @property
    def prompt(self) -> str:
        abstract = self.draft.source.kind.abstract and self.shown != NOTHING
        return SUPPORT_PROMPT if abstract else ANSWER_PROMPT

    def question(self) -> Question:
        given = {"answer": self.draft.answer} if self.prompt == SUPPORT_PROMPT else {}
        return Question(self.draft.source.id, self.draft.question, given, {}, ())


def checks_of(draft: Draft) -> list[DraftCheck]:
    passages = draft.source.passages()
    found = [DraftCheck(draft, ALL, passages)]
    if draft.source.kind != QuestionKind.UNANSWERABLE:
        found.append(DraftCheck(draft, NOTHING, ()))
    if draft.source.kind.several_chunks:
        found += [DraftCheck(draft, ONE, (passage,)) for passage in passages]
    return found


def check_reason(
    check: DraftCheck, response: Response, task: OpenQaOptions, agreement: float
) -> RejectionReason | None:
    """Why a draft is refused after a checker's reply; None if it is not."""
    if response.error_class is not None or response.text is None:
        return RejectionReason.CHECK_FAILED
    parsed = task.parse(response.text)
    if parsed.status == Status.UNPARSED:
        return RejectionReason.CHECK_FAILED
    if check.prompt == SUPPORT_PROMPT:
        verdict = words(parsed.answer["answer"])[:1]
        if verdict not in (["yes"], ["no"]):
            return RejectionReason.CHECK_FAILED
        if check.shown == ALL:
            return None if verdict == ["yes"] else RejectionReason.NOT_SUPPORTED
        return RejectionReason.ONE_CHUNK_ENOUGH if verdict == ["yes"] else None
    answered = parsed.status == Status.ANSWERED
    if check.draft.source.kind == QuestionKind.UNANSWERABLE:
        return RejectionReason.ANSWERABLE if answered else None
    same = answered and same_answer(check.draft.answer, parsed.answer["answer"], agreement)
    if check.shown == ALL:
        wrong = RejectionReason.ANOTHER_ANSWER if answered else RejectionReason.NOT_ANSWERABLE
        return None if same else wrong
    known = (
        RejectionReason.ANSWERABLE_WITHOUT
        if check.shown == NOTHING
        else RejectionReason.ONE_CHUNK_ENOUGH
    )
    return known if same else None


def _plain(text: str) -> str:
    """Words between single spaces; 1,287 and 1287 are the same number."""
    return f" {' '.join(words(_THOUSANDS.sub('', text)))} "


def _is_number(word: str) -> bool:
    return any(character.isdigit() for character in word)
