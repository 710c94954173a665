"""Scores that judges give, and how far the judges can be trusted."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily

_SCALE = "1 to 5"
_SHARE = "0 to 1"
_NOT_APPLICABLE = "not applicable to abstentions; an unreadable reply is failed, never a default"
_RAGAS = "RAGAS, as its library computes it"


def _ragas(
    name: str, formula: str, edge_cases: str, better: Better = Better.HIGHER
) -> MetricDescription:
    return MetricDescription(name, formula, _SHARE, better, edge_cases, _RAGAS)


SCORES = MetricFamily(
    name="judge_scores",
    title="Scores that judges give",
    applies_to="per judge, model and retriever; answers, of which repeated judgements are averaged",
    tables=("judge_scores.csv",),
    metrics=(
        MetricDescription(
            "faithfulness",
            "rubric: how far the answer is backed by the passages, mean score; "
            "RAGAS: statements of the answer that the passages support / all its statements",
            "rubric 1 to 5, RAGAS 0 to 1",
            Better.HIGHER,
            f"not applicable without passages; {_NOT_APPLICABLE}",
            _RAGAS,
        ),
        MetricDescription(
            "relevance",
            "rubric: how well the answer meets the question, mean score",
            _SCALE,
            Better.HIGHER,
            _NOT_APPLICABLE,
        ),
        MetricDescription(
            "correctness",
            "rubric: how far the answer agrees with the reference, mean score",
            _SCALE,
            Better.HIGHER,
            "abstentions are judged; not applicable without a reference",
        ),
        MetricDescription(
            "end_to_end",
            "rubric: the answer as a whole beside the reference, mean score",
            _SCALE,
            Better.HIGHER,
            "abstentions are judged; not applicable without a reference",
        ),
        MetricDescription(
            "pairwise",
            "mean over both orders of 1 (better than the other model's answer), 0.5 (tie), 0",
            _SHARE,
            Better.HIGHER,
            "failed unless both orders have a verdict",
        ),
        MetricDescription(
            "answer_relevancy",
            "mean cosine of the question and the questions that a judge makes from the answer; "
            "0 where all of them say that the answer is evasive",
            "-1 to 1",
            Better.HIGHER,
            "failed where a question has no known word; not applicable to abstentions",
            _RAGAS,
        ),
        MetricDescription(
            "context_precision",
            "average precision of the passages that are useful for the reference answer",
            _SHARE,
            Better.HIGHER,
            "0 where none is useful; not applicable without a reference or passages",
            _RAGAS,
        ),
        MetricDescription(
            "context_recall",
            "statements of the reference that the passages hold / all its statements",
            _SHARE,
            Better.HIGHER,
            "not applicable without a reference or passages",
            _RAGAS,
        ),
        _ragas(
            "context_utilization",
            "average precision of the passages that are useful for the answer that was given",
            "not applicable without passages",
        ),
        _ragas(
            "context_relevance",
            "how far the passages are about the question: mean of two ratings from 0 to 2, / 2",
            "not applicable without passages",
        ),
        _ragas(
            "factual_correctness",
            "F1 of the claims of the answer and of the reference that support each other",
            "not applicable without a reference",
        ),
        _ragas(
            "answer_correctness",
            "0.75 F1 of statements shared with the reference + 0.25 cosine of the two texts",
            "not applicable without a reference",
        ),
        _ragas(
            "answer_accuracy",
            "agreement with the reference: mean of two ratings of 0, 2 or 4, / 4",
            "not applicable without a reference",
        ),
        _ragas(
            "noise_sensitivity",
            "statements of the answer that are wrong though relevant passages carry them / all",
            "not applicable without a reference or passages",
            Better.LOWER,
        ),
        _ragas(
            "response_groundedness",
            "how far passages carry the answer: mean of two ratings from 0 to 2, / 2",
            "not applicable without passages",
        ),
        MetricDescription(
            "value_strict",
            "the mean with the lowest score for each answer that the model failed to give",
            "that of the metric",
            Better.HIGHER,
            "answers that the judge failed at are in neither mean",
        ),
    ),
)

JUDGES = MetricFamily(
    name="judges",
    title="Judges judged",
    applies_to="per judge, or pair of judges, and metric",
    tables=("judges/*.csv",),
    metrics=(
        MetricDescription(
            "self_consistency",
            "pairs of repeats of one judgement that differ by 0.5 at most (0.125 on a scale from "
            "0 to 1) / all pairs",
            _SHARE,
            Better.HIGHER,
            "no row with one repeat; answers with a failed repeat are left out and counted",
        ),
        MetricDescription(
            "error_rate",
            "judgements without a score through the judge's fault / judgements asked for",
            _SHARE,
            Better.LOWER,
        ),
        MetricDescription(
            "kappa",
            "Cohen's kappa of whole scores with quadratic weights; on a scale from 0 to 1, of "
            "whether the score is 0.5 or more",
            "-1 to 1",
            Better.HIGHER,
            "empty where only one category occurs",
            "Cohen 1968, scikit-learn",
        ),
        MetricDescription(
            "alpha",
            "Krippendorff's alpha over all judges: ordinal from 1 to 5, interval from 0 to 1",
            "at most 1",
            Better.HIGHER,
            "missing scores are left out; empty where only one value occurs",
            "Krippendorff 2004, krippendorff",
        ),
        MetricDescription(
            "base_rate",
            "share of the most frequent human label: the accuracy of saying always the same",
            _SHARE,
            Better.NEITHER,
        ),
        MetricDescription(
            "position_bias",
            "share of pairs that favour the first answer in both orders - share that favour the "
            "second",
            "-1 to 1",
            Better.NEITHER,
            "0 is unbiased; pairs without both verdicts are failed",
        ),
        MetricDescription(
            "length_bias",
            "Spearman's correlation of score and answer length in words, both relative to the "
            "mean of the question",
            "-1 to 1",
            Better.NEITHER,
            "questions with one answer say nothing",
        ),
        MetricDescription(
            "self_preference",
            "(own - own by other families' judges) - (others - others by them)",
            "minus to plus twice the scale",
            Better.NEITHER,
            "empty without a family, or without another family's judge",
        ),
    ),
)
