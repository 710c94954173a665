"""Overlap metrics of two texts, from 0 to 1; equal texts have 1.

Tokens are those of `modellab.tasks.open_qa.canonical`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache, partial
from itertools import pairwise, zip_longest
from typing import Any

from modellab.core.metric import Better, MetricDescription
from modellab.core.records import Prediction, Question, Status
from modellab.core.text.folding import normalized
from modellab.core.text.words import (
    WITHOUT_SPACES,
    by_characters,
    characters,
    has_signs,
    language_of_script,
    words,
)
from modellab.tasks.open_qa.canonical import Normalise, as_words, plain
from modellab.tasks.open_qa.task import right_answers
from modellab.tasks.scorer import AnswerMetric

ROUGE = ("rouge2", "rougeL")
#: characters that scorers compare; a book has several times as many, an answer never
LONGEST = 100_000
#: sacrebleu's tokenizer for languages with spaces
BLEU_WORDS = "intl"


def exact_match(
    reference: str, answer: str, normalise: Normalise = plain, language: str = ""
) -> float:
    """1 if both are the same text after normalisation."""
    wanted, given = (_tokens(text, normalise, language) for text in (reference, answer))
    return float(wanted == given)


def token_f1(
    reference: str, answer: str, normalise: Normalise = plain, language: str = ""
) -> float:
    """The F1 of shared tokens, counted with repetition.

    This is the F1 of SQuAD (Rajpurkar et al. 2016) with its normalisation, and that of ROUGE-1
    (Lin 2004) with the plain one. In a `language` without spaces, and in Korean (given, or
    detected by script), plain tokens are characters.
    """
    segment = normalise
    if normalise is plain:
        segment = partial(
            _pieces, by_character=by_characters(reference, answer, language), language=language
        )
    wanted, given = Counter(segment(reference)), Counter(segment(answer))
    shared = (wanted & given).total()
    if not shared:
        return float(wanted == given)
    return 2 * shared / (wanted.total() + given.total())


def rouge(reference: str, answer: str, language: str = "") -> dict[str, float]:
    """The F measures of ROUGE-2 and ROUGE-L (Lin 2004), without stemming, of tokens as in F1.

    ROUGE-2 of texts of one word, which have no pairs, is 1 if they are equal.
    """
    if exact_match(reference, answer, language=language):
        return dict.fromkeys(ROUGE, 1.0)
    by_character = by_characters(reference, answer, language)
    wanted, given = (_pieces(text, by_character, language) for text in (reference, answer))
    pairs = [Counter(pairwise(tokens)) for tokens in (wanted, given)]
    longest = longest_common_subsequence(wanted, given)
    return {
        "rouge2": _f_measure((pairs[0] & pairs[1]).total(), pairs[0].total(), pairs[1].total()),
        "rougeL": _f_measure(longest, len(wanted), len(given)),
    }


def _f_measure(shared: int, wanted: int, given: int) -> float:
    return 2 * shared / (wanted + given) if shared else 0.0


def longest_common_subsequence(reference: Sequence[str], answer: Sequence[str]) -> int:
    """Its length, bit-parallel (Hyyro 2004), in time linear in the answer's length.

    The table of rouge-score takes minutes and gigabytes for an answer of 10 MB.
    """
    places: dict[str, int] = defaultdict(int)
    for at, token in enumerate(reference):
        places[token] |= 1 << at
    whole = (1 << len(reference)) - 1
    free = whole
    for token in answer:
        found = free & places.get(token, 0)
        free = ((free + found) | (free - found)) & whole
    return len(reference) - free.bit_count()


def sentence_bleu(reference: str, answer: str, tokenizer: str = BLEU_WORDS) -> float:
    """BLEU of one answer with effective order: n-grams up to its length."""
    return _share(_bleu(tokenizer).sentence_score(answer, [reference]).score)


def sentence_chrf(reference: str, answer: str) -> float:
    """chrF2 of one answer (Popovic 2015)."""
    return _share(_chrf().sentence_score(answer, [reference]).score)


def corpus_bleu(
    references: Sequence[Sequence[str]], answers: Sequence[str], tokenizer: str = BLEU_WORDS
) -> float:
    """Corpus BLEU (Papineni et al. 2002) of answers with one reference or more each.

    An n-gram counts if any reference has it; the reference length is the nearest one.
    """
    return _share(_bleu(tokenizer).corpus_score(answers, _streams(references)).score)


def corpus_chrf(references: Sequence[Sequence[str]], answers: Sequence[str]) -> float:
    """Corpus chrF2, each answer with its best reference."""
    return _share(_chrf().corpus_score(answers, _streams(references)).score)


def _streams(references: Sequence[Sequence[str]]) -> list[list[str | None]]:
    """All first references, all second ones, ..., padded with None."""
    return [list(stream) for stream in zip_longest(*references)]


def _share(score: float) -> float:
    """sacrebleu's scores go up to 100, and slightly beyond by rounding."""
    return min(score / 100, 1.0)


def bleu_tokenizer(references: Iterable[str], language: str = "") -> str:
    """sacrebleu's tokenizer for a language (given, or detected by the references' script).

    `zh` for Chinese, `char` for others without spaces, `intl` for all else.
    """
    code = language or language_of_script(" ".join(references))
    if code not in WITHOUT_SPACES:
        return BLEU_WORDS
    return "zh" if code == "zh" else "char"


def _tokens(text: str, normalise: Normalise, language: str) -> list[str]:
    """Normalised tokens; in scripts without spaces each character."""
    if normalise is not plain:
        return list(normalise(text))
    return [
        piece
        for token in plain(normalized(text, language))
        for piece in (words(token) if has_signs(token) else (token,))
    ]


# several metrics compare the same two texts, which may be long
@lru_cache(maxsize=4)
def _pieces(text: str, by_character: bool, language: str) -> tuple[str, ...]:
    tokens = _tokens(text, plain, language)
    known = {token: words(token) or [token] for token in dict.fromkeys(tokens)}
    pieces = (piece for token in tokens for piece in known[token])
    if not by_character:
        return tuple(pieces)
    # without the point of 3.5, which is not compared
    return tuple(sign for piece in pieces for sign in characters(piece) if sign not in ".,")


@cache
def _bleu(tokenizer: str) -> Any:
    """BLEU with effective order, so that equal texts of fewer than four words have 1, not 0.

    It has no effect on corpus BLEU if any text is longer.
    """
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(tokenize=tokenizer, effective_order=True)


@cache
def _chrf() -> Any:
    from sacrebleu.metrics.chrf import CHRF

    return CHRF()


def includes(question: Question, prediction: Prediction) -> float:
    """1 if the answer contains the words of a right answer in a row, normalised as `plain`.

    An abstention is right only if the question is unanswerable.
    """
    abstained = prediction.status == Status.ABSTAINED
    if question.unanswerable or abstained:
        return float(question.unanswerable and abstained)
    given = f" {as_words(prediction.answer['answer'])} "
    return float(any(f" {as_words(right)} " in given for right in right_answers(question)))


INCLUDES = AnswerMetric(
    MetricDescription(
        "includes",
        "1 if the answer holds the words of a right answer in a row, else 0",
        "0 or 1",
        Better.HIGHER,
        "of `open_qa` answers; words as in `exact_match`; long answers have it more easily; 0 for "
        "failed, unparsed and missing rows",
    ),
    includes,
)
