import json

import pytest

from modellab.core.errors import InputError
from modellab.core.records import Question, Status
from modellab.models.prompts import load_prompt
from modellab.tasks import parse_task
from modellab.tasks.extract.task import DEEPEST

SCHEMA = {
    "type": "object",
    "properties": {
        "lab": {"type": "string"},
        "tests": {"type": "array", "items": {"type": "object"}},
    },
}


@pytest.fixture
def options(tmp_path):
    path = tmp_path / "lab.schema.json"
    path.write_text(json.dumps(SCHEMA))
    return parse_task({"kind": "extract", "record": str(path), "instructions": "Be exact."})


@pytest.fixture
def parse(options):
    return options.parse


def question(record, text="A text", images=()):
    return Question("d1", text, {}, {"record": record}, (), images=images)


@pytest.mark.parametrize(
    "text",
    [
        '{"lab": "North", "tests": [{"name": "A"}]}',
        'Here it is:\n```json\n{"lab": "North", "tests": [{"name": "A"}]}\n```\nDone.',
        '<think>{"lab": "South"}</think>{"lab": "North", "tests": [{"name": "A"}]}',
        '{"lab": "North", "tests": [{"name": "A"',
        "{'lab': 'North', 'tests': [{'name': 'A'}]}",
    ],
)
def test_a_record_is_found_anywhere_in_the_text(parse, text):
    parsed = parse(text)
    assert parsed.status == Status.ANSWERED
    assert json.loads(parsed.answer["record"]) == {"lab": "North", "tests": [{"name": "A"}]}
    assert (parsed.answer["entries"], parsed.answer["fields"]) == ("1", "2")


@pytest.mark.parametrize(
    "text",
    [
        '[{"nm": "A"}, {"nm": "B"}]',
        'See [1]: [ {"nm": "A"}, {"nm": "B"} ] as asked',
        '[{"nm": "A"}, {"nm": "B"',
    ],
)
def test_a_list_of_objects_is_not_cut_to_its_first(parse, text):
    assert json.loads(parse(text).answer["record"]) == [{"nm": "A"}, {"nm": "B"}]


@pytest.mark.parametrize("text", ["{}", '{"lab": null, "tests": []}', "null", "is_blank"])
def test_a_record_without_a_value_is_an_abstention(parse, text):
    parsed = parse(text)
    assert parsed.status == Status.ABSTAINED
    assert parsed.answer["fields"] == "0"


@pytest.mark.parametrize(
    "text", ["", "I see a report.", "[1, 2]", '"North"', "[" * 3000, "{" * 3000]
)
def test_a_text_without_a_record_is_unparsed(parse, text):
    assert parse(text).status == Status.UNPARSED


def test_a_record_nested_without_end_is_unparsed(parse):
    nested = '{"a":' * DEEPEST
    assert parse(nested + "1" + "}" * DEEPEST).status == Status.ANSWERED
    assert parse('{"a":' + nested + "1" + "}" * (DEEPEST + 1)).status == Status.UNPARSED


def test_the_prompt_shows_schema_and_text_and_never_the_truth(options):
    asked = question('{"lab": "secret"}', text="Report of North")
    prompt = load_prompt_of(options)
    system, user = prompt.messages(options.variables(asked, ()))
    assert '"tests"' in system.content
    assert "Be exact." in system.content
    assert "Report of North" in user.content
    assert "secret" not in system.content + user.content


def test_the_prompt_of_a_picture_says_so(options):
    asked = question('{"lab": "x"}', text="", images=("page.png",))
    user = load_prompt_of(options).messages(options.variables(asked, ()))[-1]
    assert "in the picture" in user.content


def load_prompt_of(options):
    from pathlib import Path

    return load_prompt(Path(__file__).parents[3] / "resources" / "prompts" / options.prompt)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ('{"lab": "North"}', None),
        ("{}", "the wanted record is empty"),
        ("[]", "the wanted record is empty"),
        ("North", "the wanted record is not JSON"),
        ('{"lab": 5}', "does not fit"),
        ('{"tests": "none"}', "tests: 'none' is not of type 'array'"),
    ],
)
def test_a_reference_record_is_checked(options, record, expected):
    problem = options.refuse(question(record))
    assert (problem is None) if expected is None else (expected in problem and "\n" not in problem)


def test_a_question_without_a_wanted_record_is_refused(options):
    assert "no wanted record" in options.refuse(Question("d1", "A text", {}, {}, ()))


def test_an_invalid_schema_is_reported(tmp_path):
    path = tmp_path / "wrong.json"
    path.write_text('{"type": "objct"}')
    with pytest.raises(InputError, match="not a JSON schema"):
        _ = parse_task({"kind": "extract", "record": str(path)}).answer_schema
