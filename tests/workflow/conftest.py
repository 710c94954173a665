"""The files of a small benchmark, in the current folder."""

import pytest
from workflow.jobs import BENCHMARK, jobs_of

QUESTIONS = "id,question,answer_value,answer_unit,ref_id\nq1,How much?,5,MWh,['a']\n"


def write_files(folder):
    (folder / "notes").mkdir()
    (folder / "notes" / "a.txt").write_text("It used 5 MWh.")
    (folder / "quiz.csv").write_text(QUESTIONS)
    (folder / "flags.csv").write_text("text,flag\nfine,yes\nbad,no\n")


@pytest.fixture
def bench(tmp_path, monkeypatch):
    write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEY", "k")
    return tmp_path


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench")
    write_files(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("KEY", "k")
        yield jobs_of(BENCHMARK)
