import json

import pytest
from typer.testing import CliRunner

from modellab.workflow.cli.app import app

TRUTH = """id,answer_value,answer_unit,ref_id,Quote,Table,is_NA
q1,5,kWh,['a'],1,0,0
q2,"[80,90]",W,"['a','b']",1,1,0
q3,1,is_blank,b,0,1,0
q4,is_blank,lbs,is_blank,0,0,1
"""
ANSWERS = """id,answer_value,answer_unit,ref_id
q1,~5,kWh,"[""a""]"
q2,85,W,['a']
q3,yes,is_blank,['c']
q4,is_blank,lbs,is_blank
"""
COMPONENTS = ("value_accuracy", "ref_overlap", "na_recall", "overall")


@pytest.fixture
def score(tmp_path):
    (tmp_path / "truth.csv").write_text(TRUTH)
    (tmp_path / "answers.csv").write_text(ANSWERS)

    def run(*args, truth=None, answers=None):
        for name, text in (("truth.csv", truth), ("answers.csv", answers)):
            if text is not None:
                (tmp_path / name).write_text(text)
        files = [str(tmp_path / "truth.csv"), str(tmp_path / "answers.csv")]
        return CliRunner().invoke(app, ["score", *files, *args])

    return run


def test_json_has_every_number_in_full(score):
    result = score("--json", "--scorer", "v3")
    assert result.exit_code == 0
    assert result.stderr == ""
    found = json.loads(result.stdout)
    assert found["value_accuracy"] == 1.0
    assert found["ref_overlap"] == pytest.approx(2.5 / 4, abs=1e-12)
    assert found["overall"] == pytest.approx(0.75 + 0.15 * 0.625 + 0.10, abs=1e-12)
    assert (found["n"], found["n_na"], found["coverage"]) == (4, 1, 1.0)
    assert (found["scorer"], found["missing_rows"]) == ("v3", "incorrect")
    assert found["missing"] == found["extra"] == found["duplicates"] == []
    assert found["flags"] == {
        "Quote": {"accuracy": 1.0, "n": 2, "right": 2},
        "Table": {"accuracy": 1.0, "n": 2, "right": 2},
        "is_NA": {"accuracy": 1.0, "n": 1, "right": 1},
    }


@pytest.mark.parametrize(
    ("scorer", "values"),
    [("v1", 0.5), ("v2", 0.75), ("v3", 1.0), ("v4", 0.75), ("validator", 0.25)],
)
def test_every_version_can_be_chosen(score, scorer, values):
    assert json.loads(score("--json", "--scorer", scorer).stdout)["value_accuracy"] == values


def test_the_newest_rules_are_the_default(score):
    assert json.loads(score("--json").stdout)["scorer"] == "v4"


def test_the_locale_decides_what_may_be_read_in_two_ways(score):
    truth = "id,answer_value,ref_id\nq1,1234,a\n"
    answers = "id,answer_value,ref_id\nq1,1.234,a\n"
    files = {"truth": truth, "answers": answers}
    assert json.loads(score("--json", **files).stdout)["value_accuracy"] == 0
    german = score("--json", "--locale", "de", **files)
    assert json.loads(german.stdout)["value_accuracy"] == 1


def test_the_tolerance_of_a_question(score):
    truth = "id,answer_value,ref_id,tolerance\nq1,2019,a,{}\n"
    answers = "id,answer_value,ref_id\nq1,2021,a\n"
    loose = score("--json", truth=truth.format("5"), answers=answers)
    assert json.loads(loose.stdout)["value_accuracy"] == 1
    wrong = score(truth=truth.format("five"), answers=answers)
    assert wrong.exit_code == 1
    assert "truth.csv:2: tolerance 'five': write exact, id, 5%" in wrong.stderr


def test_people_see_components_flags_and_reasons(score):
    result = score("--scorer", "v1")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "  value accuracy  0.500000  n=4" in lines
    assert "  NA recall       1.000000  n=1" in lines
    assert "  Quote           0.500000  n=2, right=1" in lines
    assert "missing rows: 0" in lines
    assert "  q1: value: expected '5', got '~5'" in lines
    assert any(line.startswith("  q2: references: expected") for line in lines)


def test_an_invention_is_not_right(score):
    """By the published rules any value of an unanswerable question is right."""
    invents = ANSWERS.replace("q4,is_blank,lbs,is_blank", "q4,12,lbs,['a']")
    found = json.loads(score("--json", "--scorer", "v3", answers=invents).stdout)
    assert found["value_accuracy"] == 1.0
    assert found["na_recall"] == 0.0
    assert found["flags"]["is_NA"] == {"accuracy": 0.0, "n": 1, "right": 0}
    assert found["outcomes"]["hallucinated"] == 1
    assert "1 hallucinated" in score("--scorer", "v3", answers=invents).stdout


def test_five_wrong_rows_are_shown(score):
    truth = "id,answer_value,ref_id\n" + "".join(f"q{i},5,a\n" for i in range(9))
    answers = "id,answer_value,ref_id\n" + "".join(f"q{i},6,a\n" for i in range(8))
    result = score(truth=truth, answers=answers)
    assert "rows that lost points, 5 of 9" in result.stdout
    assert result.stdout.count("expected '5', got '6'") == 5
    assert "missing rows: 1 ('q8')" in result.stdout


def test_a_truth_without_flags(score):
    plain = "\n".join(line.rsplit(",", 3)[0] for line in TRUTH.splitlines()) + "\n"
    assert json.loads(score("--json", truth=plain).stdout)["flags"] == {}
    assert "evidence" not in score(truth=plain).stdout


def test_control_characters_of_a_submission_are_shown_escaped(score):
    result = score(answers=ANSWERS.replace("~5", "\x1b[31mred"))
    assert "\x1b" not in result.stdout
    assert "'\\x1b[31mred'" in result.stdout


def test_what_does_not_meet_is_a_warning(score):
    answers = ANSWERS.replace("q2,", "q9,") + "q1,7,kWh,a\n"
    outer = score("--json", answers=answers)
    assert outer.exit_code == 0
    assert len(outer.stderr.splitlines()) == 3
    assert all(line.startswith("warning: ") for line in outer.stderr.splitlines())
    found = json.loads(outer.stdout)
    assert (found["missing"], found["extra"], found["duplicates"]) == (["q2"], ["q9"], ["q1"])
    assert (found["n"], found["coverage"], found["value_accuracy"]) == (4, 0.75, 0.75)
    inner = json.loads(score("--json", "--missing", "ignore").stdout)
    assert (inner["n"], inner["coverage"], inner["value_accuracy"]) == (4, 0.75, 0.75)


def test_strict_prints_and_then_fails(score):
    assert score("--strict").exit_code == 0
    result = score("--strict", "--json", answers=ANSWERS.replace("q2,", "q9,"))
    assert result.exit_code == 1
    assert json.loads(result.stdout)["missing"] == ["q2"]


@pytest.mark.parametrize(
    ("args", "files", "message"),
    [
        (["--scorer", "v9"], {}, "--scorer: unknown 'v9'; choose from: v4, v1, v2, v3, validator"),
        (["--locale", "xx"], {}, "--locale: unknown locale 'xx'"),
        (["--scorer", "v3", "--locale", "de"], {}, "--locale: v3 has none"),
        (["--missing", "left"], {}, "--missing: unknown 'left'; choose from: incorrect, ignore"),
        ([], {"truth": "id,ref_id\nq1,a\n"}, "column 'answer_value' is missing"),
        ([], {"truth": "id,answer_value,ref_id\n"}, "no questions"),
        ([], {"answers": "id,answer_value\n"}, "is missing"),
        (
            ["--missing", "ignore"],
            {"answers": "id,answer_value,ref_id\nx,5,a\n"},
            "none of its ids is one of the questions'",
        ),
    ],
)
def test_errors_are_one_line(score, args, files, message):
    result = score(*args, **files)
    assert result.exit_code == 1
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert message in line


def test_a_missing_file():
    result = CliRunner().invoke(app, ["score", "none.csv", "none.csv"])
    assert result.exit_code == 1
    assert result.stderr == "error: none.csv: no such file\n"


EVIDENCE = """id,question,answer_value,answer_unit,ref_id,ref_url,supporting_materials
q1,How much?,5,kWh,a,https://x/a,Table 2
q2,How long?,is_blank,is_blank,is_blank,is_blank,is_blank
q3,How far?,7,km,b,https://x/b,Page 3
"""
OF_A_RUN = """id,question,answer_value,answer_unit,ref_id,ref_url,supporting_materials
q1,How much?,5,kWh,a,is_blank,is_blank
q2,How long?,1,is_blank,is_blank,is_blank,is_blank
q3,How far?,7,km,b,is_blank,is_blank
"""


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(";", "cp1252"), ("\t", "utf-16"), (",", "utf-8-sig")]
)
def test_files_as_other_programs_save_them(tmp_path, delimiter, encoding):
    truth = [("ID", "question", "answer_value", "ref_id"), ("q1", "Wer?", "M\u00fcller", "d1")]
    given = [("id", "answer_value", "ref_id"), ("q1", "m\u00fcller", "d1")]
    paths = []
    for name, rows in (("truth.csv", truth), ("answers.csv", given)):
        path = tmp_path / name
        path.write_text("\n".join(map(delimiter.join, rows)), encoding=encoding)
        paths.append(str(path))
    result = CliRunner().invoke(app, ["score", *paths, "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["overall"] == 1.0


@pytest.mark.parametrize("mark", [";", "\t"])
def test_swapped_files_are_refused_with_any_delimiter(tmp_path, mark):
    for name, rows in (
        ("a", ("id", "answer_value", "ref_id")),
        ("b", ("id", "answer_value", "ref_id", "is_NA")),
    ):
        cells = mark.join(("q1", "5", "d1", "0")[: len(rows)])
        (tmp_path / name).write_text(f"{mark.join(rows)}\n{cells}\n")
    result = CliRunner().invoke(app, ["score", str(tmp_path / "a"), str(tmp_path / "b")])
    assert result.exit_code == 1 and "swapped" in result.output


@pytest.mark.parametrize(
    ("truth", "answers", "reason"),
    [
        (ANSWERS, TRUTH, "answers.csv has Quote, Table, is_NA, as true answers have"),
        (OF_A_RUN, EVIDENCE, "answers.csv names the evidence (ref_url, supporting_materials), "),
        (
            "id,answer_value,ref_id,latency_seconds\nq1,5,a,0.3\n",
            "id,answer_value,ref_id\nq1,5,a\n",
            "truth.csv has latency_seconds, as answers of a model have",
        ),
    ],
)
def test_swapped_files_are_refused(score, truth, answers, reason):
    result = score(truth=truth, answers=answers)
    assert result.exit_code == 1
    assert reason in result.stderr
    assert "The truth comes first: modellab score " in result.stderr


def test_files_that_may_be_swapped_are_reported(score):
    some = OF_A_RUN.replace("a,is_blank,is_blank", "a,https://x/a,Table 2")
    note = score(truth=some, answers=EVIDENCE).stderr
    assert note.startswith("note: more rows of ")
    assert note.endswith("truth.csv\n")
    minimal = "id,answer_value,ref_id\nq1,5,a\nq2,is_blank,is_blank\nq3,7,b\n"
    assert score(truth=minimal, answers=OF_A_RUN).stderr.startswith("note: only ")


@pytest.mark.parametrize(
    ("truth", "answers"), [(EVIDENCE, OF_A_RUN), (EVIDENCE, EVIDENCE), (TRUTH, TRUTH)]
)
def test_files_in_their_order_need_no_word(score, truth, answers):
    result = score(truth=truth, answers=answers)
    assert (result.exit_code, result.stderr) == (0, "")
