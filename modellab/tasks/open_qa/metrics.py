"""The components and marks of free-text answers."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily

_NOTHING = "0 for abstained, failed, unparsed and missing rows"
_BEST = "the greatest over all right answers"


def _metric(name: str, formula: str, edge_cases: str, source: str = "") -> MetricDescription:
    return MetricDescription(name, formula, "0 to 1", Better.HIGHER, edge_cases, source)


FAMILY = MetricFamily(
    name="texts",
    title="Free-text answers",
    applies_to="`open_qa` answers; the components are means of the marks of the same name",
    tables=("scores/{model}.csv", "scores/{model}.json", "leaderboard.csv"),
    metrics=(
        _metric(
            "exact_match",
            "1 if answer and reference are the same words and signs in the same order, else 0",
            "case, quotes, Unicode forms and punctuation between words do not count, signs do "
            f"(-5 is not 5); or as `normalise: squad` does; {_BEST}; {_NOTHING}",
        ),
        _metric(
            "token_f1",
            "2 shared tokens / (tokens of the answer + tokens of the reference)",
            "words of any script, case-folded, and signs, each as often as it stands; in "
            "languages without spaces characters (docs/languages.md); with "
            f"`normalise: squad` as SQuAD's script does; {_BEST}; {_NOTHING}",
            "Rajpurkar et al. 2016; as plain, the F measure of ROUGE-1 (Lin 2004)",
        ),
        _metric(
            "rouge2",
            "F measure of shared pairs of words",
            f"as in `token_f1`; equal texts of one word have 1; {_BEST}; {_NOTHING}",
            "Lin 2004",
        ),
        _metric(
            "rougeL",
            "F measure of the longest common sequence of words",
            f"as in `token_f1`; {_BEST}; {_NOTHING}",
            "Lin 2004",
        ),
        _metric(
            "bleu",
            "sentence BLEU / 100, smoothed, up to the order that the answer has",
            f"tokenizer `intl`, `zh` or `char` by the language, case counts; {_BEST}; {_NOTHING}",
            "Papineni et al. 2002 (sacrebleu)",
        ),
        _metric(
            "chrf",
            "sentence chrF2 / 100: runs of up to 6 letters",
            f"case counts; {_BEST}; {_NOTHING}",
            "Popovic 2015 (sacrebleu)",
        ),
        _metric(
            "semantic_similarity",
            "cosine of the embedding vectors of answer and reference; below 0 counts as 0",
            f"left out without an `embedder`; {_BEST}; {_NOTHING}",
        ),
        _metric(
            "bleu_corpus",
            "BLEU / 100 over all answers: counts are added up, then divided",
            "several right answers are several references; not the mean of `bleu`; rows without "
            "an answer are empty texts",
            "Papineni et al. 2002 (sacrebleu)",
        ),
        _metric(
            "chrf_corpus",
            "chrF2 / 100 over all answers: counts are added up, then divided",
            "the nearest of several right answers; not the mean of `chrf`; rows without an answer "
            "are empty texts",
            "Popovic 2015 (sacrebleu)",
        ),
        _metric(
            "correct",
            "1 if the mark named `overall` is at least `correct_from`, else 0",
            "left out without `correct_from`",
        ),
        _metric(
            "accuracy",
            "share of rows with `correct`",
            "left out without `correct_from`",
        ),
        _metric("overall", "the component that the scorer's `overall` names", _NOTHING),
    ),
)
