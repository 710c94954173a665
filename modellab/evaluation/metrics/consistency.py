"""How far repeats agree, and how much a score changes between them."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily

_PAIR = (
    "mean over questions with two answers or more; empty for one repeat; repeats without an "
    "answer are left out (`n_failed` rows)"
)
_TIERS = "Model Lab tier 2, but one repeat has no value (there: 1)"
_LAB = "lab-extractor self_consistency_score, over all pairs of repeats"


def _agreement(
    name: str, formula: str, source: str = "", span: str = "0 to 1"
) -> MetricDescription:
    return MetricDescription(name, formula, span, Better.HIGHER, _PAIR, source)


def _extraction(part: str, formula: str, more: str = "") -> MetricDescription:
    return MetricDescription(
        f"extraction_{part}_agreement", formula, "0 to 1", Better.HIGHER, f"{_PAIR}{more}", _LAB
    )


FAMILY = MetricFamily(
    name="consistency",
    title="Consistency over repeats",
    applies_to="each model with each retriever; `repeats` says over how many",
    tables=("consistency.csv", "leaderboard.csv", "scores/{model}.json"),
    metrics=(
        _agreement(
            "exact_agreement",
            "share of later repeats whose answer equals the first's in every field, but for outer "
            "spaces",
            _TIERS,
        ),
        _agreement("{field}_agreement", "the same for one field of the answer"),
        _agreement(
            "semantic_agreement",
            "mean cosine of the embeddings of all pairs of a question's answers; equal texts "
            "have 1",
            _TIERS,
            "-1 to 1",
        ),
        _agreement(
            "passage_agreement",
            "share of later repeats that were shown the same passages as the first",
            "Model Lab retrieval_consistency",
        ),
        _extraction("names", "entries that both records of a pair have / all entries"),
        _extraction("values", "entries of equal value (numbers within 1 %) / all entries"),
        _extraction("units", "entries of equal unit / entries with a unit", "; where units exist"),
        _extraction("overall", "checks of names, values and units that hold / all checks"),
        MetricDescription(
            "{component}_repeat_sd",
            "standard deviation (n - 1) of the component over the repeats, each scored alone",
            "0 or more",
            Better.LOWER,
            "empty for fewer than two repeats with a value; `n_scored` counts them",
        ),
        MetricDescription(
            "{component}_repeat_range",
            "greatest - least value of the component over the repeats",
            "0 or more",
            Better.LOWER,
            "as {component}_repeat_sd",
        ),
        MetricDescription(
            "overall_score_repeat_sd",
            "that of the overall score, beside it in the leaderboard",
            "0 or more",
            Better.LOWER,
            "as {component}_repeat_sd",
        ),
        MetricDescription(
            "repeat_noise",
            "sd, range and number of repeats of every component, in score files",
            "0 or more",
            Better.LOWER,
            "as {component}_repeat_sd",
        ),
    ),
)
