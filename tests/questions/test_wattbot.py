import pytest
from cases import each

from modellab.core.errors import InputError
from modellab.questions import parse_format
from modellab.questions.wattbot import known_flags, read_truth

HEADER = "id,question,answer_value,answer_unit,ref_id"


def written(tmp_path, *lines):
    path = tmp_path / "questions.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return path


def test_a_question_with_all_that_is_known_of_it(tmp_path):
    path = written(
        tmp_path,
        "id,question,answer,answer_value,answer_unit,ref_id,ref_url,supporting_materials,"
        "explanation,Usage,Quote,Table,Figure,Math,is_NA",
        "q1,How much?,5 kWh,5,kWh,['Wu2021b'],u,s,e,Public,1,0,TRUE,y,no",
    )
    [question] = parse_format("wattbot").read(path)
    assert (question.id, question.text) == ("q1", "How much?")
    assert question.inputs == {"answer_unit": "kWh"}
    assert question.reference["answer_value"] == "5"
    assert question.reference["explanation"] == "e"
    assert not {"id", "question", "Usage"} & set(question.reference)
    assert question.references == ("Wu2021b",)
    assert question.tags == ("Quote", "Figure", "Math")


def test_what_a_model_is_given_holds_nothing_of_the_truth(tmp_path):
    [question] = parse_format("wattbot").read(
        written(tmp_path, HEADER, "q1,How much?,12345,kWh,secret")
    )
    assert "12345" not in str((question.text, question.inputs))
    assert "secret" not in str((question.text, question.inputs))


@each(
    ("cell", "ids"),
    [
        ("is_blank", ()),
        ('""', ()),
        ("[]", ()),
        ("['is_blank']", ()),
        ("Wu2021b", ("Wu2021b",)),
        ("['a']", ("a",)),
        ("\"['a','B']\"", ("a", "B")),
        ('"[""a"", ""b"", ""a""]"', ("a", "b")),
        ('"[a, b]"', ("a", "b")),
        ('"[""O\'Brien2020""]"', ("O'Brien2020",)),
    ],
)
def test_references(tmp_path, cell, ids):
    [question] = parse_format("wattbot").read(written(tmp_path, HEADER, f"q1,How?,5,kWh,{cell}"))
    assert question.references == ids


def test_flags_are_known_by_their_columns(tmp_path):
    flagged = written(tmp_path, HEADER + ",Table,is_NA", "q1,How?,5,kWh,a,0,0")
    assert known_flags(parse_format("wattbot").read(flagged)) == ("Table", "is_NA")
    assert parse_format("wattbot").read(flagged)[0].tags == ()
    plain = written(tmp_path, HEADER, "q1,How?,5,kWh,a")
    assert known_flags(parse_format("wattbot").read(plain)) == ()


def test_a_truth_file_needs_three_columns_only(tmp_path):
    [question] = read_truth(written(tmp_path, "ref_id,answer_value,id", "a,5,q1"))
    assert (question.id, question.text, question.inputs) == ("q1", "", {})
    assert question.reference == {"answer_value": "5", "ref_id": "a"}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([HEADER], "questions.csv: no questions"),
        (["id,question,answer_value,ref_id", "q1,How?,5,a"], ":1: column 'answer_unit' is missing"),
        ([HEADER, "q1,How?,5,kWh,a", " ,How?,5,kWh,a"], ":3: the id is empty"),
        (
            [HEADER, 'q1,"two\nlines",5,kWh,a', "q1,How?,5,kWh,a"],
            ":4: duplicate id 'q1' (first in",
        ),
        ([HEADER, "q1, ,5,kWh,a"], ":2: the question is empty"),
    ],
)
def test_bad_files(tmp_path, lines, message):
    with pytest.raises(InputError) as error:
        parse_format("wattbot").read(written(tmp_path, *lines))
    assert message in str(error.value)
    assert "\n" not in str(error.value)
