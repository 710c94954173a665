import json

import pytest
from cases import each
from pydantic import ValidationError

from modellab.core.records import Passage, Question, Request
from modellab.models.generators.patterns import read_record
from modellab.models.registry import parse_model

TEXT = """\
North Laboratory
Blood count
Hemoglobin  13.5 g/dL
Glucose  5.1
Total: 18.60
"""
OPTIONS = {
    "provider": "patterns",
    "values": {"lab": "^(.*Laboratory)$", "amounts.total": r"^Total: (\S+)$", "none": "^(x+)$"},
    "items": {
        "tests": {
            "line": r"(?P<name>\w+)  (?P<value>[\d.]+)(?: (?P<unit>\S+))?",
            "heading": "(Blood .*)",
            "heading_key": "panel",
        }
    },
}
RECORD = {
    "lab": "North Laboratory",
    "amounts": {"total": "18.60"},
    "tests": [
        {"name": "Hemoglobin", "value": "13.5", "unit": "g/dL", "panel": "Blood count"},
        {"name": "Glucose", "value": "5.1", "panel": "Blood count"},
    ],
}


def test_a_record_is_read_line_by_line():
    assert read_record(TEXT, parse_model(OPTIONS)) == RECORD


def test_a_text_without_matches_is_an_empty_record():
    assert read_record("nothing here", parse_model(OPTIONS)) == {}


def test_the_model_reads_text_and_passages():
    first, *rest = TEXT.splitlines()
    passage = Passage("p", "d", 1, 1.0, "\n".join(rest), "t")
    request = Request("key", Question("q", first, {}, {}, ()), "none", 1, (passage,), ())
    with parse_model(OPTIONS).open(0, {}) as model:
        [response] = model.answer([request])
    assert (response.key, json.loads(response.text)) == ("key", RECORD)


def test_a_changed_pattern_is_another_model():
    changed = {**OPTIONS, "values": {"lab": "^(.*Lab.*)$"}}
    assert parse_model(OPTIONS).fingerprint() != parse_model(changed).fingerprint()


@each(
    ("change", "message"),
    [
        ({"values": {"lab": "("}}, "not a regular expression"),
        ({"values": {"lab": "x"}}, "put the value into a group"),
        ({"values": {}, "items": {}}, "at least one pattern"),
        ({"values": {"a": "(x)", "a.b": "(x)"}}, "has values below it"),
        ({"items": {"tests": {"line": "(x)"}}}, "name at least one group"),
        ({"items": {"tests": {"line": "(?P<a>x)", "heading": "(x)"}}}, "go together"),
    ],
)
def test_wrong_patterns_are_errors(change, message):
    with pytest.raises(ValidationError, match=message):
        parse_model({**OPTIONS, **change})
