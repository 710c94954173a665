# ruff: noqa: E501 - a metric is a line
"""The metrics of the WattBot rules."""

from modellab.core.metric import metric_families

(FAMILY,) = metric_families("""
# wattbot: WattBot
on `wattbot` questions, with the rules v1 to v4 or validator (see scoring.md)
in scores/{model}.json leaderboard.csv
value_accuracy | share of rows with `value_correct` | 0 to 1 | higher | failed, unparsed and missing rows count 0 (`missing: ignore` leaves missing ones out); in v1 to v3 any answer to an unanswerable question has a right value, in v4 only an abstention | WattBot 2025 scoring script
ref_overlap | mean of `ref_score` | 0 to 1 | higher | failed, unparsed and missing rows count 0 (`missing: ignore` leaves missing ones out) | WattBot 2025 scoring script
na_recall | share of `na_correct` among rows whose question has no answer in the documents | 0 to 1 | higher | without such rows 1.0 over 0 rows; the validator averages over all rows | WattBot 2025 scoring script
overall | 0.75 value_accuracy + 0.15 ref_overlap + 0.10 na_recall | 0 to 1 | higher | none without rows | WattBot 2025 scoring script
value_correct | 1 if the answer's value equals the true one within the rules' tolerance, else 0 | 0 or 1 | higher | failed, unparsed and missing rows count 0 (`missing: ignore` leaves missing ones out) | WattBot 2025 scoring script
unit_correct | 1 if the answer's unit is the true one, ignoring case and outer spaces, (in v4: in other words too), else 0 | 0 or 1 | higher | empty if the truth has no unit column; has no weight | WattBot 2025 scoring script
ref_score | shared ids / all ids of the true and the given references (Jaccard) | 0 to 1 | higher | two empty sets give 1; `is_blank` is an id like any other (in v4: no id) | WattBot 2025 scoring script
na_correct | 1 if the question has an answer, or the model abstained, else 0 | 0 or 1 | higher | a failure is no abstention | WattBot 2025 scoring script
weighted | 0.75 value_correct + 0.15 ref_score + 0.10 na_correct | 0 to 1 | higher | its mean is not `overall`: there na_correct is averaged over other rows | WattBot 2025 scoring script
""")
