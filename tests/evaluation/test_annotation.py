import csv
import json

import pytest
from typer.testing import CliRunner

from modellab.core.errors import InputError
from modellab.core.io.csv_file import read_csv
from modellab.evaluation.annotation import export_annotation, import_annotation
from modellab.workflow.cli.app import app

ROWS = [
    {
        "id": f"s{n}",
        "question": text,
        "answer": "x",
        "receipts": {
            "kind": "single_hop_specific",
            "chunks": [{"id": "a#1", "text": "Some text."}],
        },
    }
    for n, text in enumerate(["=cmd() of what?", "Who is it?", "Where is it?", "When is it?"])
]


@pytest.fixture
def questions(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def filled(questions, name, marks):
    """An exported table with these marks, one text such as "111" or "" per question."""
    path = questions.with_name(name)
    export_annotation(questions, path)
    rows = read_csv(path).rows
    for row, given in zip(rows, marks, strict=True):
        for key, mark in zip(
            ("is_question_ok", "is_answer_ok", "is_chunk_ok"), given, strict=False
        ):
            row[key] = mark
    with path.open("w", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_no_cell_of_the_table_is_a_formula(questions, tmp_path):
    export_annotation(questions, tmp_path / "a.csv")
    rows = read_csv(tmp_path / "a.csv").rows
    assert rows[0]["question"] == "'=cmd() of what?"
    assert rows[0]["chunk_text"] == "Some text."
    assert list(rows[0])[-4:] == ["is_question_ok", "is_answer_ok", "is_chunk_ok", "notes"]
    assert rows[0]["is_question_ok"] == ""


def test_what_everybody_lets_pass_is_kept(questions, tmp_path):
    one = filled(questions, "one.csv", ["111", "111", "101", ""])
    two = filled(questions, "two.csv", ["111", "011", "111", ""])
    found = import_annotation(questions, [one, two], tmp_path / "kept.jsonl")
    assert (tmp_path / "kept.jsonl").read_text() == questions.read_text().split("\n")[0] + "\n"
    assert (len(found.kept), found.refused, found.unmarked) == (1, 2, 1)
    kappas = {row["mark"]: (row["kappa"], row["n"]) for row in found.agreement}
    # one annotator gave the same mark to all: no agreement beyond chance
    assert kappas == {
        "is_question_ok": (0.0, 3),
        "is_answer_ok": (0.0, 3),
        "is_chunk_ok": (None, 3),
    }


def test_agreement_by_hand(questions, tmp_path):
    one = filled(questions, "one.csv", ["111", "111", "011", "011"])
    two = filled(questions, "two.csv", ["111", "011", "011", "011"])
    found = import_annotation(questions, [one, two], tmp_path / "kept.jsonl")
    # observed 3/4, by chance 1/2 * 1/4 + 1/2 * 3/4 = 1/2
    assert found.agreement[0]["kappa"] == pytest.approx(0.5)
    assert found.agreement[0]["same"] == 0.75


def test_json_goes_both_ways(questions, tmp_path):
    export_annotation(questions, tmp_path / "a.json")
    rows = json.loads((tmp_path / "a.json").read_text())
    for row in rows[:2]:
        row.update(is_question_ok=1, is_answer_ok=True, is_chunk_ok="yes")
    (tmp_path / "a.json").write_text(json.dumps(rows))
    found = import_annotation(questions, [tmp_path / "a.json"], tmp_path / "kept.jsonl")
    assert [row["id"] for row in found.kept] == ["s0", "s1"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Who is it?", "Who was it?", "the text of 's1' was changed"),
        ("s1", "s9", "there is no question 's9'"),
        ("s1", "s0", "duplicate question 's0'"),
        ("1,1,1,", "1,,1,", "is_answer_ok is empty, though others"),
        ("1,1,1,", "1,maybe,1,", "is_answer_ok is 'maybe'; write 1"),
        ("is_chunk_ok", "chunk", "column 'is_chunk_ok' is missing"),
    ],
)
def test_bad_tables(questions, tmp_path, old, new, message):
    table = filled(questions, "one.csv", ["111"] * 4)
    table.write_text(table.read_text().replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        import_annotation(questions, [table], tmp_path / "kept.jsonl")
    assert not (tmp_path / "kept.jsonl").exists()


def test_the_commands(questions, tmp_path):
    run = CliRunner().invoke
    done = run(app, ["export-annotation", str(questions), str(tmp_path / "a.csv")])
    assert (done.exit_code, done.output.split()[0]) == (0, "4")
    tables = [str(filled(questions, name, ["111"] * 4)) for name in ("one.csv", "two.csv")]
    out, agreement = tmp_path / "kept.jsonl", tmp_path / "agreement.csv"
    done = run(
        app, ["import-annotation", str(questions), str(out), *tables, "--agreement", str(agreement)]
    )
    assert "4 kept, 0 refused, 0 not marked" in done.output
    assert agreement.read_text().startswith("mark,annotator_a")
    done = run(app, ["export-annotation", str(questions), str(tmp_path / "a.xlsx")])
    assert (done.exit_code, "write a .csv or a .json file" in done.output) == (1, True)


def test_an_id_that_a_spreadsheet_would_run_comes_back(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text(json.dumps({**ROWS[1], "id": "=1+1"}) + "\n")
    table = filled(path, "one.csv", ["111"])
    assert "'=1+1" in table.read_text()
    [kept] = import_annotation(path, [table], tmp_path / "kept.jsonl").kept
    assert kept["id"] == "=1+1"
