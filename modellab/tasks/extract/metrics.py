# ruff: noqa: E501 - a metric is a line
"""The metrics of extraction: fields that are right, wrong, missing and invented."""

from modellab.core.metric import metric_families

FAMILY, TABLE = metric_families("""
# extract: Extraction
on `extract` documents, with the scorer `fields` (see extract.md)
in scores/{model}.json scores/{model}.csv leaderboard.csv
name_precision | found names / given names of items | 0 to 1 | higher | left out if an answered record gives none; mean over records; failed, unparsed and missing rows count 0 | lab-extractor field_level_metrics, without its collapse of equal names
name_recall | found names / wanted names of items | 0 to 1 | higher | left out if none is wanted; mean over records; failed, unparsed and missing rows count 0 | lab-extractor field_level_metrics, without its collapse of equal names
name_f1 | 2 found / (wanted + given) | 0 to 1 | higher | left out if there is none | lab-extractor field_level_metrics, without its collapse of equal names
value_precision | right values / given values | 0 to 1 | higher | left out if an answered record gives none; mean over records; failed, unparsed and missing rows count 0
value_recall | right values / wanted values | 0 to 1 | higher | left out if none is wanted; mean over records; failed, unparsed and missing rows count 0
value_f1 | 2 right / (wanted + given) | 0 to 1 | higher | left out if there is none
value_accuracy | right values / values that both records have | 0 to 1 | higher | left out if there is none; mean over records; failed, unparsed and missing rows count 0 | lab-extractor value_accuracy, with comparators and units
missing_share | wanted fields that the answer lacks / wanted fields | 0 to 1 | lower | 1 for rows without an answer; left out if nothing is wanted
invented_share | given fields without a wanted one / given fields | 0 to 1 | lower | left out if nothing is given
wrong_typed_share | values of a JSON type that the schema does not allow / given fields | 0 to 1 | lower | such a value may still be right; left out if nothing is given
schema_valid | share of records that fit the JSON schema | 0 to 1 | higher | rows without an answer count 0
exact_records | share of records with every field right and none invented | 0 to 1 | higher | rows without an answer count 0
exact | 1 if every field is right and none is invented | 0 or 1 | higher
field_f1 | 2 right / (wanted + given), names and values together | 0 to 1 | higher | 1 if nothing is wanted or given; 0 for rows without an answer
overall | mean of `field_f1` | 0 to 1 | higher | none without rows

# extract_fields: Extraction by group and field
on all records together (pooled counts, micro average), per model and retriever: for all fields, each group, each field by path, each item by name
in tables/extract_fields.csv
precision | correct / predicted | 0 to 1 | higher | empty if nothing is predicted
recall | correct / wanted | 0 to 1 | higher | empty if nothing is wanted
f1 | 2 correct / (wanted + predicted) | 0 to 1 | higher | empty if both are 0
accuracy | correct / (correct + wrong) | 0 to 1 | higher | empty if both are 0
wanted | fields of the wanted records | 0 or more | neither
predicted | fields of the answers | 0 or more | neither
correct | fields with the right value | 0 or more | higher
wrong | fields of both records with different values | 0 or more | lower
missing | fields of the wanted record only | 0 or more | lower
invented | fields of the answer only | 0 or more | lower
wrong_typed | values of a type that the schema does not allow | 0 or more | lower
""")
