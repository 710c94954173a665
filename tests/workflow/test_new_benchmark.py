"""`modellab init` writes a config that loads, by what it finds."""

import pytest
import yaml

from modellab.config.loading import load_config
from modellab.core.errors import InputError
from modellab.workflow.new_benchmark import write_benchmark


def test_an_empty_folder_gets_an_example_that_loads(tmp_path, monkeypatch):
    written = write_benchmark(tmp_path / "new", None, None)
    names = {str(path.relative_to(tmp_path / "new")) for path in written}
    assert names == {
        *("config.yaml", "Snakefile", ".gitignore", "questions.csv", "documents/office.md")
    }
    config = load_config(tmp_path / "new" / "config.yaml")
    assert set(config.retrievers) == {"bm25", "oracle", "none"}
    assert config.datasets["questions"].task.kind == "open_qa"


def test_what_is_there_is_recognised(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("It used 5 MWh.")
    (tmp_path / "My FAQ.csv").write_text("Question,expected,remark\nHow much?,5 MWh,x\n")
    write_benchmark(tmp_path / "bench", tmp_path / "My FAQ.csv", tmp_path / "docs")
    text = (tmp_path / "bench" / "config.yaml").read_text()
    assert "1 questions: question from 'question', answer from 'expected'" in text
    assert "not used: remark" in text
    config = load_config(tmp_path / "bench" / "config.yaml")
    assert list(config.datasets) == ["my-faq"]
    assert set(config.retrievers) == {"bm25", "none"}, "no references, no oracle"


def test_labels_become_those_of_the_task(tmp_path):
    (tmp_path / "tickets.csv").write_text("text,label\nfine,yes\nbad,no\n")
    (tmp_path / "q.csv").write_text("question,label\nfine,yes\nbad,no\n")
    write_benchmark(tmp_path / "bench", tmp_path / "q.csv", None)
    data = yaml.safe_load((tmp_path / "bench" / "config.yaml").read_text())
    assert data["datasets"]["q"]["task"] == {"kind": "label", "labels": ["no", "yes"]}


def test_values_with_units_are_wattbot(tmp_path):
    (tmp_path / "q.csv").write_text("question,answer_value,answer_unit\nHow much?,5,MWh\n")
    write_benchmark(tmp_path, None, None)
    assert load_config(tmp_path / "config.yaml").datasets["q"].task.kind == "wattbot"


def test_a_config_is_never_overwritten(tmp_path):
    (tmp_path / "config.yaml").write_text("mine")
    with pytest.raises(InputError, match=r"config.yaml: exists"):
        write_benchmark(tmp_path, None, None)
    assert (tmp_path / "config.yaml").read_text() == "mine"


def test_of_several_tables_one_has_to_be_named(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("question,answer\nq,a\n")
    with pytest.raises(InputError, match=r"several tables \(a.csv, b.csv\).*--from"):
        write_benchmark(tmp_path, None, None)


def test_a_file_without_questions_is_an_error_before_anything_is_written(tmp_path):
    (tmp_path / "q.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="no column for the question"):
        write_benchmark(tmp_path / "bench", tmp_path / "q.csv", None)
    assert not (tmp_path / "bench").exists()


def test_columns_with_other_names_are_part_of_the_config(tmp_path):
    (tmp_path / "f.csv").write_text("Frage;Antwort\nWie viel?;5\n")
    named = {"question": "Frage", "answer": "Antwort"}
    write_benchmark(tmp_path / "bench", tmp_path / "f.csv", None, named)
    config = load_config(tmp_path / "bench" / "config.yaml")
    assert config.datasets["f"].columns == named
    with pytest.raises(InputError, match=r"--columns: unknown field 'frage'.*question"):
        write_benchmark(tmp_path / "other", tmp_path / "f.csv", None, {"frage": "Frage"})


def test_questions_that_a_run_would_refuse_are_refused(tmp_path):
    (tmp_path / "q.csv").write_text("question,answer\nHow much?,5\nHow many?,\n")
    with pytest.raises(InputError, match=r"q.csv:3: there is no answer to compare with.*\[\]"):
        write_benchmark(tmp_path / "bench", tmp_path / "q.csv", None)
    assert not (tmp_path / "bench").exists()


def test_questions_in_a_file_with_a_number_as_name(tmp_path, monkeypatch):
    (tmp_path / "64.csv").write_text("question,answer\nWho?,Ada\n")
    (tmp_path / "notes").mkdir()
    write_benchmark(tmp_path, None, None)
    monkeypatch.chdir(tmp_path)
    assert list(load_config([tmp_path / "config.yaml"]).datasets) == ["64"]
