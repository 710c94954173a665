"""The components and marks of the WattBot rules."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily

_SOURCE = "WattBot 2025 scoring script"
_UNANSWERED = (
    "failed, unparsed and missing rows count 0 (`missing: ignore` leaves missing ones out)"
)

FAMILY = MetricFamily(
    name="wattbot",
    title="WattBot",
    applies_to="`wattbot` questions, with the rules v1 to v4 or validator (see scoring.md)",
    tables=("scores/{model}.json", "leaderboard.csv"),
    metrics=(
        MetricDescription(
            "value_accuracy",
            "share of rows with `value_correct`",
            "0 to 1",
            Better.HIGHER,
            f"{_UNANSWERED}; in v1 to v3 any answer to an unanswerable question has a "
            "right value, in v4 only an abstention",
            _SOURCE,
        ),
        MetricDescription(
            "ref_overlap",
            "mean of `ref_score`",
            "0 to 1",
            Better.HIGHER,
            _UNANSWERED,
            _SOURCE,
        ),
        MetricDescription(
            "na_recall",
            "share of `na_correct` among rows whose question has no answer in the documents",
            "0 to 1",
            Better.HIGHER,
            "without such rows 1.0 over 0 rows; the validator averages over all rows",
            _SOURCE,
        ),
        MetricDescription(
            "overall",
            "0.75 value_accuracy + 0.15 ref_overlap + 0.10 na_recall",
            "0 to 1",
            Better.HIGHER,
            "none where there is no row",
            _SOURCE,
        ),
        MetricDescription(
            "value_correct",
            "1 if the answer's value equals the true one within the rules' tolerance, else 0",
            "0 or 1",
            Better.HIGHER,
            _UNANSWERED,
            _SOURCE,
        ),
        MetricDescription(
            "unit_correct",
            "1 if the answer's unit is the true one but for case and outer spaces (in v4: in other "
            "words too), else 0",
            "0 or 1",
            Better.HIGHER,
            "empty where the truth has no unit column; weighs nothing",
            _SOURCE,
        ),
        MetricDescription(
            "ref_score",
            "shared ids / all ids of the true and the given references (Jaccard)",
            "0 to 1",
            Better.HIGHER,
            "two empty sets give 1; `is_blank` is an id like any other (in v4: no id)",
            _SOURCE,
        ),
        MetricDescription(
            "na_correct",
            "1 if the question has an answer, or the model abstained, else 0",
            "0 or 1",
            Better.HIGHER,
            "a failure is no abstention",
            _SOURCE,
        ),
        MetricDescription(
            "weighted",
            "0.75 value_correct + 0.15 ref_score + 0.10 na_correct",
            "0 to 1",
            Better.HIGHER,
            "its mean is not `overall`: there na_correct is averaged over other rows",
            _SOURCE,
        ),
    ),
)
