"""The task of a dataset that names none."""

import json
import os

import pytest

from modellab.config import entries
from modellab.config.loading import load_config
from modellab.core.errors import InputError

CONFIG = """
datasets: {quiz: {questions: q.csv}}
models: {base: {provider: extractive}}
"""


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(entries._INFERRED, raising=False)
    (tmp_path / "config.yaml").write_text(CONFIG)

    def load(text):
        (tmp_path / "q.csv").write_text(text)
        return load_config("config.yaml").datasets["quiz"]

    return load


def test_the_columns_decide_and_the_config_knows(load):
    dataset = load("question,answer\nHow many?,14\n")
    assert (dataset.task.kind, dataset.task_is_inferred) == ("open_qa", True)
    assert len(json.loads(os.environ[entries._INFERRED])) == 1
    # another file of the same name is read again
    assert load("question,label\nHow many?,b\nWhy?,a\n").task.labels == ("a", "b")


def test_child_processes_do_not_read_it_again(load, monkeypatch):
    load("question,answer\nHow many?,14\n")
    monkeypatch.setattr(entries, "fitting_task", lambda *_: pytest.fail("read again"))
    assert load_config("config.yaml").datasets["quiz"].task.kind == "open_qa"


def test_what_is_doubtful_names_the_key_of_the_config(load):
    with pytest.raises(InputError, match=r"config\.yaml:2: datasets\.quiz\.questions: q\.csv: "):
        load("question,expcted\nHow many?,14\n")
