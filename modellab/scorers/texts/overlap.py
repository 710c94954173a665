"""What two texts share. All marks go from 0 to 1; equal texts have 1 in each.

Words are those of any script, case-folded (`modellab.text.words`); nothing is cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from modellab.text.words import words

ROUGE = ("rouge1", "rouge2", "rougeL")


def exact_match(reference: str, answer: str) -> float:
    """1 where both are the same words in the same order; case, spaces and signs do not count."""
    return float(words(reference) == words(answer))


def token_f1(reference: str, answer: str) -> float:
    """The harmonic mean of the shares of shared words, each counted as often as it stands.

    As for SQuAD (Rajpurkar et al. 2016), but no articles are left out: they are English only.
    """
    wanted, given = Counter(words(reference)), Counter(words(answer))
    shared = (wanted & given).total()
    if not shared:
        return float(wanted == given)
    return 2 * shared / (wanted.total() + given.total())


def rouge(reference: str, answer: str) -> dict[str, float]:
    """The F measures of ROUGE-1, ROUGE-2 and ROUGE-L (Lin 2004), without stemming.

    ROUGE-2 of texts of one word each, which have no pairs, is 1 where they are equal.
    """
    scores = _rouge_scorer().score(reference, answer)
    found = {name: float(scores[name].fmeasure) for name in ROUGE}
    if exact_match(reference, answer):
        found = dict.fromkeys(ROUGE, 1.0)
    return found


def sentence_bleu(reference: str, answer: str) -> float:
    """BLEU of one answer, up to as many words in a row as it has (effective order)."""
    return _share(_bleu().sentence_score(answer, [reference]).score)


def sentence_chrf(reference: str, answer: str) -> float:
    """chrF2 of one answer (Popovic 2015)."""
    return _share(_chrf().sentence_score(answer, [reference]).score)


def corpus_bleu(references: Sequence[str], answers: Sequence[str]) -> float:
    """BLEU (Papineni et al. 2002) over all answers: counts are added up before they are divided."""
    return _share(_bleu().corpus_score(answers, [references]).score)


def corpus_chrf(references: Sequence[str], answers: Sequence[str]) -> float:
    """chrF2 over all answers."""
    return _share(_chrf().corpus_score(answers, [references]).score)


def _share(score: float) -> float:
    """sacrebleu counts to 100, and a little beyond by rounding."""
    return min(score / 100, 1.0)


class _Words:
    """The tokenizer of rouge-score's own keeps only a to z and digits."""

    def tokenize(self, text: str) -> list[str]:
        return words(text)


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
