"""Where a score is lost."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily

_PAIRED = (
    "empty, with a `reason`, where one of the two is missing or scored on different rows; its "
    "interval is the score interval of paired differences"
)


def _metric(name: str, formula: str, better: Better, more: str = _PAIRED) -> MetricDescription:
    return MetricDescription(name, formula, "-1 to 1 for scores from 0 to 1", better, more)


FAMILY = MetricFamily(
    name="error_attribution",
    title="Error attribution",
    applies_to=(
        "each model, retriever and component, over answerable questions only: scores with the "
        "reference passages (`oracle`), "
        "with the retriever's (`retrieved`), another question's (`shuffled`) and no passages "
        "(`none`: what the model knew without documents)"
    ),
    tables=("error_attribution.csv",),
    metrics=(
        _metric("retrieval_loss", "oracle - retrieved: what retrieval loses", Better.LOWER),
        _metric(
            "reading_loss",
            "1 - oracle: what reading loses",
            Better.LOWER,
            "empty where a perfect score is not 1",
        ),
        _metric(
            "retrieval_gain",
            "retrieved - none: what documents add to what the model knew",
            Better.HIGHER,
        ),
        _metric("wrong_text_harm", "none - shuffled: what wrong passages cost", Better.LOWER),
    ),
)
