"""Extraction: fields that are right, wrong, missing and invented."""

from __future__ import annotations

from modellab.core.metric import Better, MetricDescription, MetricFamily

_MEAN = "mean over records; failed, unparsed and missing rows count 0"
_PRECISION = f"left out where an answered record gives none; {_MEAN}"
_RECALL = f"left out where none is wanted; {_MEAN}"
_PUBLISHED = "lab-extractor field_level_metrics, without its collapse of equal names"


def _higher(
    name: str, formula: str, edge_cases: str, source: str = "", span: str = "0 to 1"
) -> MetricDescription:
    return MetricDescription(name, formula, span, Better.HIGHER, edge_cases, source)


def _lower(name: str, formula: str, edge_cases: str) -> MetricDescription:
    return MetricDescription(name, formula, "0 to 1", Better.LOWER, edge_cases)


FAMILY = MetricFamily(
    name="extract",
    title="Extraction",
    applies_to="`extract` documents, with the scorer `fields` (see extract.md)",
    tables=("scores/{model}.json", "scores/{model}.csv", "leaderboard.csv"),
    metrics=(
        _higher("name_precision", "found names / given names of items", _PRECISION, _PUBLISHED),
        _higher("name_recall", "found names / wanted names of items", _RECALL, _PUBLISHED),
        _higher(
            "name_f1", "2 found / (wanted + given)", "left out where there is none", _PUBLISHED
        ),
        _higher("value_precision", "right values / given values", _PRECISION),
        _higher("value_recall", "right values / wanted values", _RECALL),
        _higher("value_f1", "2 right / (wanted + given)", "left out where there is none"),
        _higher(
            "value_accuracy",
            "right values / values that both records have",
            f"left out where there is none; {_MEAN}",
            "lab-extractor value_accuracy, with comparators and units",
        ),
        _lower(
            "missing_share",
            "wanted fields that the answer lacks / wanted fields",
            "1 for rows without an answer; left out where nothing is wanted",
        ),
        _lower(
            "invented_share",
            "given fields that no wanted one stands for / given fields",
            "left out where nothing is given",
        ),
        _lower(
            "wrong_typed_share",
            "values of a JSON type that the schema does not allow / given fields",
            "such a value may be right all the same; left out where nothing is given",
        ),
        _higher(
            "schema_valid",
            "share of records that fit the JSON schema",
            "rows without an answer count 0",
        ),
        _higher(
            "exact_records",
            "share of records with every field right and none invented",
            "rows without an answer count 0",
        ),
        _higher("exact", "1 if every field is right and none is invented", "", span="0 or 1"),
        _higher(
            "field_f1",
            "2 right / (wanted + given), names and values together",
            "1 where nothing is wanted or given; 0 for rows without an answer",
        ),
        _higher("overall", "mean of `field_f1`", "none where there is no row"),
    ),
)

TABLE = MetricFamily(
    name="extract_fields",
    title="Extraction by group and field",
    applies_to="all records together (pooled counts, micro average), per model and retriever: "
    "for all fields, each group, each field by path, each item by name",
    tables=("extract_fields.csv",),
    metrics=(
        _higher("precision", "correct / predicted", "empty where nothing is predicted"),
        _higher("recall", "correct / wanted", "empty where nothing is wanted"),
        _higher("f1", "2 correct / (wanted + predicted)", "empty where both are 0"),
        _higher("accuracy", "correct / (correct + wrong)", "empty where both are 0"),
        *(
            MetricDescription(name, formula, "0 or more", better)
            for name, formula, better in (
                ("wanted", "fields of the wanted records", Better.NEITHER),
                ("predicted", "fields of the answers", Better.NEITHER),
                ("correct", "fields with the right value", Better.HIGHER),
                ("wrong", "fields of both records with different values", Better.LOWER),
                ("missing", "fields of the wanted record only", Better.LOWER),
                ("invented", "fields of the answer only", Better.LOWER),
                ("wrong_typed", "values of a type that the schema does not allow", Better.LOWER),
            )
        ),
    ),
)
