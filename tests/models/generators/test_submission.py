import csv
import json
import logging
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wattbot_samples import question

from modellab.core.errors import InputError
from modellab.core.records import Request, Status
from modellab.core.text.escape import storable
from modellab.models.generators.submission import SubmissionOptions
from modellab.models.registry import parse_model
from modellab.tasks import parse_task
from modellab.tasks.wattbot.task import FIELDS, WattBotOptions

# a lone carriage return is not kept apart from a line end
CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"))


def options(path, **how):
    return SubmissionOptions(provider="submission", path=path, **how)


def written(path, *lines):
    path.write_text("\n".join(("id,answer_value,ref_id", *lines)) + "\n")
    return path


def asked(*names):
    return [Request(f"key-{n}", question("5", name=n), "external", 1, (), ()) for n in names]


def answers(path, *names):
    with options(path).open(seed=0, answer_schema={}) as model:
        return {response.key: response for response in model.answer(asked(*names))}


def test_the_options_say_what_a_submission_is(tmp_path):
    entry = parse_model({"provider": "submission", "path": str(tmp_path / "a.csv"), "local": False})
    assert isinstance(entry, SubmissionOptions)
    assert (entry.uses_prompt, entry.uses_contexts, entry.local) == (False, False, False)
    assert entry.files() == {"path": tmp_path / "a.csv"}
    assert entry.model_id() == "a.csv"


def test_the_content_is_the_model_whatever_the_name(tmp_path):
    one, same = (written(tmp_path / name, "q1,5,a") for name in ("one.csv", "same.csv"))
    other = written(tmp_path / "other.csv", "q1,6,a")
    assert options(one).fingerprint() == options(same).fingerprint()
    assert options(one).fingerprint() != options(other).fingerprint()


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv: no such file"):
        options(tmp_path / "none.csv").fingerprint()


def test_a_folder_of_the_datasets_library(tmp_path):
    from datasets import Dataset, DatasetDict

    splits = {"test": ("q1", "5"), "train": ("q2", "6")}
    made = {n: Dataset.from_list([{"id": i, "answer": a}]) for n, (i, a) in splits.items()}
    DatasetDict(made).save_to_disk(tmp_path / "run")
    schema = {"properties": {"answer": {}}}
    (row,) = options(tmp_path / "run", split="test").rows(schema).rows
    assert (row.id, row.cells["answer"]) == ("q1", "5")
    chosen = [options(tmp_path / "run", split=name).fingerprint() for name in ("test", "train")]
    assert chosen[0] != chosen[1]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty: a folder without a table"):
        options(tmp_path / "empty").fingerprint()


def test_each_request_has_a_response(tmp_path):
    path = written(tmp_path / "a.csv", "q2,6,b", "q1,5,a")
    found = answers(path, "q1", "q2", "q3")
    assert WattBotOptions(kind="wattbot").parse(found["key-q1"].text).answer["answer_value"] == "5"
    assert WattBotOptions(kind="wattbot").parse(found["key-q2"].text).answer["ref_id"] == "b"
    missing = found["key-q3"]
    assert (missing.text, missing.error_class) == (None, Status.MISSING)
    assert missing.error == "no row for question 'q3' in a.csv"


def test_the_first_of_doubled_rows_counts_and_oddities_are_logged(tmp_path, caplog):
    path = written(tmp_path / "a.csv", "q1,5,a", "q1,6,a", "q9,1,a")
    with caplog.at_level(logging.WARNING):
        found = answers(path, "q1", "q2")
    assert WattBotOptions(kind="wattbot").parse(found["key-q1"].text).answer["answer_value"] == "5"
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == 2
    assert "1 ids that this run does not ask for: 'q9'" in messages[0]
    assert "1 ids with more than one row (the first counts): 'q1'" in messages[1]


def test_rows_of_other_questions_do_no_harm_where_none_is_missing(tmp_path, caplog):
    """A part of the questions is asked: a round, a shard."""
    with caplog.at_level(logging.WARNING):
        answers(written(tmp_path / "a.csv", "q1,5,a", "q9,1,a"), "q1")
    assert not caplog.records


@given(fields=st.fixed_dictionaries(dict.fromkeys(FIELDS, CELL)))
def test_cells_come_back_letter_by_letter(tmp_path_factory, fields):
    path = tmp_path_factory.mktemp("submission") / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, ["id", *FIELDS], quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerow({"id": "q1", **fields})
    parsed = WattBotOptions(kind="wattbot").parse(answers(path, "q1")["key-q1"].text)
    assert parsed.answer == {name: storable(text) for name, text in fields.items()}


def answers_of(task, path, *names):
    with options(path).open(seed=0, answer_schema=task.answer_schema) as model:
        return [task.parse(response.text) for response in model.answer(asked(*names))]


def test_answers_to_other_tasks_have_the_fields_of_the_task(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,question,answer\nq1,Why?,Because.\nq2,Who?,\n")
    found = answers_of(parse_task("open_qa"), path, "q1", "q2")
    assert [parsed.answer.get("answer") for parsed in found] == ["Because.", ""]
    assert [parsed.status for parsed in found] == [Status.ANSWERED, Status.ABSTAINED]
    path.write_text('id,label,tags\nq1,bad,"[""rude""]"\nq2,ugly,[]\n')
    found = answers_of(parse_task({"kind": "label", "labels": ["bad", "good"]}), path, "q1", "q2")
    assert (found[0].answer["label"], found[0].answer["tags"]) == ("bad", '["rude"]')
    assert found[1].status == Status.UNPARSED


def test_the_text_of_a_choice_is_its_letter(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,answer\nq1,red\nq2,c\nq3, Blue\nq4,C\n")
    task = parse_task({"kind": "label", "labels": ["A", "B", "C"]})
    text = "Which?\nA. blue\nB. C\nC. red"
    shown = [
        replace(one, question=replace(one.question, text=text))
        for one in asked("q1", "q2", "q3", "q4")
    ]
    with options(path).open(seed=0, answer_schema=task.answer_schema) as model:
        found = [task.parse(response.text) for response in model.answer(shown)]
    assert [parsed.answer["label"] for parsed in found] == ["C", "C", "A", "C"]


@pytest.mark.parametrize(
    ("columns", "cells", "status"),
    [
        ("answer,error", ",HTTP 500", "failed"),
        ("answer,status", ",failed", "failed"),
        ("answer,error,status", "Because.,HTTP 500,failed", "answered"),
        ("answer,error", ",None", "abstained"),
        ("answer,status", ",answered", "abstained"),
    ],
)
def test_a_row_with_an_error_in_place_of_an_answer_failed(tmp_path, columns, cells, status):
    path, task = tmp_path / "a.csv", parse_task("open_qa")
    path.write_text(f"id,{columns}\nq1,{cells}\n")
    with options(path).open(seed=0, answer_schema=task.answer_schema) as model:
        [response] = model.answer(asked("q1"))
    if status == "failed":
        assert (response.text, response.error_class) == (None, "failed")
        assert response.error in cells
    else:
        assert task.parse(response.text).status == status


def test_a_file_of_answers_without_answers_is_an_error(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,said\nq1,Because.\n")
    with pytest.raises(InputError, match=r"a\.csv:1: column 'answer' is missing"):
        answers_of(parse_task("open_qa"), path, "q1")


def test_a_record_of_a_file_is_the_record_that_was_written(tmp_path):
    schema = {"type": "object", "properties": {"name": {"type": "string"}, "total": {}}}
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    task = parse_task({"kind": "extract", "record": str(tmp_path / "schema.json")})
    path = tmp_path / "a.csv"
    with open(path, "w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("id", "record", "entries", "fields"))
        writer.writerow(("q1", '{"name": "Ann", "total": 5}', "0", "2"))
        writer.writerow(("q2", "", "", ""))
    with options(path).open(seed=0, answer_schema=task.answer_schema) as model:
        first, second = (task.parse(one.text) for one in model.answer(asked("q1", "q2")))
    assert json.loads(first.answer["record"]) == {"name": "Ann", "total": 5}
    assert second.status == Status.UNPARSED
