import json

import pytest
from cases import each

from modellab.core.errors import InputError
from modellab.tasks.extract.records import RecordSchema, read_schema

SCHEMA = {
    "type": "object",
    "properties": {
        "lab": {"type": "string"},
        "tests": {
            "anyOf": [
                {"$ref": "#/$defs/test"},
                {"type": "array", "items": {"$ref": "#/$defs/test"}},
            ]
        },
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["lab"],
    "$defs": {"test": {"type": "object", "properties": {"value": {"type": ["string", "null"]}}}},
}


def test_a_record_fits_or_not():
    schema = RecordSchema(SCHEMA)
    assert schema.problem({"lab": "North", "tests": [{"value": "5"}]}) is None
    assert schema.problem({"lab": "North", "tests": {"value": "5"}}) is None
    assert schema.problem({"tests": []}) is not None


@each(
    ("record", "paths"),
    [
        ({"lab": 5}, ["lab"]),
        (
            {"lab": "x", "tests": [{"value": 5}, {"value": "5"}, {"value": 6.5}]},
            ["tests.value"] * 2,
        ),
        ({"lab": "x", "tests": {"value": 5}}, ["tests.value"]),
        ({"lab": "x", "tests": "none"}, ["tests"]),
        ({"lab": "x", "note": 5}, ["note"]),
        ({}, []),
        ([], [""]),
    ],
)
def test_values_of_a_wrong_type_are_named_by_path(record, paths):
    assert RecordSchema(SCHEMA).wrong_types(record) == paths


@each(
    ("text", "expected"),
    [
        ("{", "not valid JSON"),
        ("[]", "not a JSON schema; write an object"),
        ("{}", "not a JSON schema; write an object"),
        ('{"type": "objct"}', "not a JSON schema: type: 'objct'"),
        ('{"$schema": 5}', "not a JSON schema: $schema"),
        (
            '{"properties": {"a": {"$ref": "#/nope"}}}',
            "properties.a.$ref: '#/nope' leads to nothing",
        ),
        (
            '{"properties": {"a": {"$ref": "https://example.org/s"}}}',
            "leads to nothing in this file",
        ),
        ('{"properties": {"a": {"pattern": "("}}}', "properties.a.pattern: '('"),
    ],
)
def test_an_invalid_schema_is_one_line(tmp_path, text, expected):
    path = tmp_path / "wanted.json"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_schema(path)
    assert str(error.value).startswith(f"{path}: ")
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_schema_is_reported(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_schema(tmp_path / "none.json")


def test_the_schema_is_read_as_written(tmp_path):
    path = tmp_path / "wanted.json"
    path.write_text(json.dumps(SCHEMA))
    assert read_schema(path).schema == SCHEMA
