"""What two texts share. All marks go from 0 to 1; equal texts have 1 in each.

Words and signs are those of `modellab.scorers.texts.normalise`; nothing is cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import zip_longest
from typing import Any

from modellab.retrieval.words import words
from modellab.scorers.texts.normalise import Normalise, plain

ROUGE = ("rouge2", "rougeL")


def exact_match(reference: str, answer: str, normalise: Normalise = plain) -> float:
    """1 where both are the same text once they are normalised."""
    return float(normalise(reference) == normalise(answer))


def token_f1(reference: str, answer: str, normalise: Normalise = plain) -> float:
    """The harmonic mean of the shares of shared tokens, each counted as often as it stands.

    This is the F1 of SQuAD (Rajpurkar et al. 2016) with its normalisation, and that of ROUGE-1
    (Lin 2004) with the plain one.
    """
    wanted, given = (
        Counter(_segmented(reference, normalise)),
        Counter(_segmented(answer, normalise)),
    )
    shared = (wanted & given).total()
    if not shared:
        return float(wanted == given)
    return 2 * shared / (wanted.total() + given.total())


def rouge(reference: str, answer: str) -> dict[str, float]:
    """The F measures of ROUGE-2 and ROUGE-L (Lin 2004), without stemming.

    ROUGE-2 of texts of one word each, which have no pairs, is 1 where they are equal.
    """
    if exact_match(reference, answer):
        return dict.fromkeys(ROUGE, 1.0)
    scores = _rouge_scorer().score(reference, answer)
    return {name: float(scores[name].fmeasure) for name in ROUGE}


def sentence_bleu(reference: str, answer: str) -> float:
    """BLEU of one answer, up to as many words in a row as it has (effective order)."""
    return _share(_bleu().sentence_score(answer, [reference]).score)


def sentence_chrf(reference: str, answer: str) -> float:
    """chrF2 of one answer (Popovic 2015)."""
    return _share(_chrf().sentence_score(answer, [reference]).score)


def corpus_bleu(references: Sequence[Sequence[str]], answers: Sequence[str]) -> float:
    """BLEU (Papineni et al. 2002) over all answers: counts are added up before they are divided.

    Each answer has one reference or more. A run of words counts if any of its references has it;
    the length that counts is that of the reference nearest in length.
    """
    return _share(_bleu().corpus_score(answers, _streams(references)).score)


def corpus_chrf(references: Sequence[Sequence[str]], answers: Sequence[str]) -> float:
    """chrF2 over all answers, each with that of its references that it is nearest to."""
    return _share(_chrf().corpus_score(answers, _streams(references)).score)


def _streams(references: Sequence[Sequence[str]]) -> list[list[str | None]]:
    """All first references, all second ones, ..., None where an answer has no more."""
    return [list(stream) for stream in zip_longest(*references)]


def _share(score: float) -> float:
    """sacrebleu counts to 100, and a little beyond by rounding."""
    return min(score / 100, 1.0)


def _segmented(text: str, normalise: Normalise) -> list[str]:
    if normalise is not plain:
        return list(normalise(text))
    return [piece for token in plain(text) for piece in words(token) or [token]]


class _Words:
    """The tokenizer of rouge-score's own keeps only a to z and digits."""

    def tokenize(self, text: str) -> list[str]:
        return _segmented(text, plain)


@cache
def _rouge_scorer() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(list(ROUGE), tokenizer=_Words())


@cache
def _bleu() -> Any:
    """With the international tokenizer: it parts signs from words in every script.

    Effective order: equal texts of fewer than four words have 1, not 0. Where any text is longer
    it changes nothing over all answers.
    """
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(tokenize="intl", effective_order=True)


@cache
def _chrf() -> Any:
    from sacrebleu.metrics.chrf import CHRF

    return CHRF()
