import pytest
from submission_samples import answers
from wattbot_samples import question

from modellab.core.errors import InputError
from modellab.core.records import Status
from modellab.models.submission_files import listed, read_submission
from modellab.models.submission_matching import complaints, match
from modellab.tasks.wattbot.published import VERSIONS
from modellab.workflow.cli.comparison import submitted_predictions

QUESTIONS = [question("5", name=name) for name in ("q1", "q2", "q3")]
ROWS = "id,answer_value,ref_id\n"


def written(tmp_path, text):
    path = tmp_path / "answers.csv"
    path.write_text(text, encoding="utf-8-sig")
    return path


def matched(tmp_path, rows):
    return match(QUESTIONS, read_submission(written(tmp_path, ROWS + rows)))


def overall(matched, missing):
    scorer = VERSIONS["v3"]
    by_id = {asked.id: asked for asked in QUESTIONS}
    rows = [scorer.score(by_id[p.question_id], p) for p in submitted_predictions(matched, missing)]
    return scorer.summarize(by_id, rows)["overall"].value


def test_rows_keep_their_order_their_lines_and_every_letter(tmp_path):
    path = written(tmp_path, 'id,answer_value,ref_id,x\nq2,"two\nlines",a,\nq1, NA ,[],"1,438"\n')
    rows = read_submission(path).rows
    assert [(row.id, row.place) for row in rows] == [("q2", f"{path}:2"), ("q1", f"{path}:4")]
    assert rows[1].cells == {"id": "q1", "answer_value": " NA ", "ref_id": "[]", "x": "1,438"}


def test_all_rows_meet_a_question(tmp_path):
    found = matched(tmp_path, "q3,7,c\nq1,5,a\nq2,6,b\n")
    assert (found.missing, found.extra, found.duplicates, found.coverage) == ((), (), {}, 1.0)
    assert [p.question_id for p in submitted_predictions(found, "incorrect")] == ["q1", "q2", "q3"]
    assert submitted_predictions(found, "incorrect") == submitted_predictions(found, "ignore")
    assert list(complaints(found)) == []


def test_what_does_not_meet_is_named(tmp_path):
    found = matched(tmp_path, "q1,5,a\nq9,5,a\nq1,6,a\nQ2,5,a\n")
    assert found.missing == ("q2", "q3")
    assert found.extra == ("q9", "Q2")
    assert [place[-2:] for place in found.duplicates["q1"]] == [":2", ":4"]
    assert found.coverage == pytest.approx(1 / 3)
    assert list(complaints(found)) == [
        "no row for 2 questions: 'q2', 'q3'",
        "2 ids that are no question's: 'q9', 'Q2'",
        "1 ids have more than one row: 'q1'",
    ]


def test_outer_gives_each_question_one_prediction(tmp_path):
    first, second, third = submitted_predictions(
        matched(tmp_path, "q1,5,['a']\nq1,6,b\nq3,,\n"), "incorrect"
    )
    assert (first.status, first.answer["answer_value"]) == (Status.ANSWERED, "5")
    assert first.answer["ref_id"] == "['a']"
    assert first.answer["explanation"] == "is_blank"
    assert (second.status, second.answer) == (Status.MISSING, {})
    # an empty cell stays empty, and is an abstention
    assert (third.status, third.answer["answer_value"]) == (Status.ABSTAINED, "")


def test_inner_gives_each_joined_row_a_prediction(tmp_path):
    found = submitted_predictions(matched(tmp_path, "q1,5,a\nq9,5,a\nq1,6,b\n"), "ignore")
    assert [(p.question_id, p.repeat) for p in found] == [("q1", 1), ("q1", 2)]


def test_a_missing_row_lowers_the_outer_score_only(tmp_path):
    whole = matched(tmp_path, "q1,5,['a']\nq2,5,['a']\nq3,5,['a']\n")
    partial = matched(tmp_path, "q1,5,['a']\n")
    assert overall(whole, "incorrect") == overall(whole, "ignore") == pytest.approx(1.0)
    assert overall(partial, "ignore") == pytest.approx(1.0)
    assert overall(partial, "incorrect") == pytest.approx(0.9 / 3 + 0.1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,answer_value\nq1,5\n", ":1: column 'ref_id' is missing"),
        (ROWS + "q1,5,a\n  ,5,a\n", ":3: the id is empty"),
    ],
)
def test_bad_files(tmp_path, text, message):
    with pytest.raises(InputError) as error:
        read_submission(written(tmp_path, text))
    assert message in str(error.value)


def test_a_long_list_of_ids_is_cut():
    ids = [f"q{i}" for i in range(25)]
    assert listed(ids).endswith("'q19' and 5 more")
    assert listed(ids[:20]).endswith("'q19'")


def test_columns_are_named(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("nr;text\nq1;1998\n")
    assert answers(path, "When?", columns={"id": "nr", "answer": "text"}) == {"q1": ["1998"]}
    with pytest.raises(InputError, match=r"column 'id' is missing .*`columns: {id: \.\.\.}`"):
        answers(path, "When?")
    with pytest.raises(InputError, match="`columns` names 'number', which the file does not have"):
        answers(path, "When?", columns={"id": "number"})


def test_a_workbook(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for row in (("id", "answer"), ("q1", 1998), ("q2", None)):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert answers(tmp_path / "a.xlsx", "When?", "Why?") == {"q1": ["1998"], "q2": [""]}
