"""How many rows there are, and what became of them."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily

_COUNT = "0 or more"

FAMILY = MetricFamily(
    name="outcomes",
    title="Rows and what became of them",
    applies_to="all tasks, per model and retriever, over all repeats",
    tables=("scores/{model}.json", "leaderboard.csv"),
    metrics=(
        MetricDescription(
            "coverage",
            "questions that have a row / questions of the dataset",
            "0 to 1",
            Better.HIGHER,
            "below 1 only where a submission lacks rows",
        ),
        MetricDescription("answered", "rows from which an answer was read", _COUNT, Better.NEITHER),
        MetricDescription(
            "abstained",
            "rows in which the model says that it cannot answer",
            _COUNT,
            Better.NEITHER,
        ),
        MetricDescription(
            "unparsed",
            "rows with a text from which no answer could be read",
            _COUNT,
            Better.LOWER,
        ),
        MetricDescription(
            "failed", "rows for which the provider gave an error", _COUNT, Better.LOWER
        ),
        MetricDescription(
            "missing", "questions for which a submission has no row", _COUNT, Better.LOWER
        ),
        MetricDescription(
            "right",
            "rows with the right answer, or that abstain where the question is unanswerable",
            _COUNT,
            Better.HIGHER,
            "with repeats, rows and not questions",
        ),
        MetricDescription(
            "wrong",
            "rows that answer an answerable question, and not rightly",
            _COUNT,
            Better.LOWER,
            "0 where the scorer does not say from when on an answer is right",
        ),
        MetricDescription(
            "declined", "rows that abstain though there is an answer", _COUNT, Better.LOWER
        ),
        MetricDescription(
            "hallucinated",
            "rows that answer an unanswerable question, whatever they say",
            _COUNT,
            Better.LOWER,
        ),
        MetricDescription(
            "abstention_precision",
            "abstentions on unanswerable questions / all abstentions",
            "0 to 1",
            Better.HIGHER,
            "empty where no row abstains",
        ),
        MetricDescription(
            "abstention_recall",
            "abstentions on unanswerable questions / rows of unanswerable questions",
            "0 to 1",
            Better.HIGHER,
            "empty where no question is unanswerable; a row without an answer does not abstain",
        ),
        MetricDescription(
            "expected_calibration_error",
            "mean distance of confidence and share right over ten bins, weighted by their answers",
            "0 to 1",
            Better.LOWER,
            "over rows with a `confidence` (an option of transformers models); only in scores",
            "Naeini, Cooper and Hauskrecht 2015; Guo et al. 2017",
        ),
        MetricDescription("abstention_{kind}_n", "the rows below the line", _COUNT, Better.NEITHER),
        MetricDescription("{component}_n", "`n_scored` of the component", _COUNT, Better.NEITHER),
        MetricDescription(
            "{component}_failed", "`n_failed` of the component", _COUNT, Better.LOWER
        ),
        MetricDescription(
            "overall_score",
            "the last component of the scorer, under its published name",
            "that of the component",
            Better.HIGHER,
        ),
        MetricDescription(
            "na_accuracy", "`na_recall` under its published name", "0 to 1", Better.HIGHER
        ),
        MetricDescription("error_count", "`failed` under its published name", _COUNT, Better.LOWER),
    ),
)
