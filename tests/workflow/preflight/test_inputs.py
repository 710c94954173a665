"""Files that a run would stumble over end it before any job."""

from types import SimpleNamespace

import pytest

from modellab.config.loading import load_config
from modellab.core.errors import InputError, Severity
from modellab.workflow.preflight.inputs import check_indexes, refuse_wrong_inputs

CONFIG = """
corpora: {sea: {path: corpus.jsonl}}
datasets: {sea: {corpus: sea, questions: queries.jsonl}}
retrievers: {bm25: {kind: bm25}, theirs: {kind: run, path: theirs.run}}
models: {}
"""
FILES = {
    "corpus.jsonl": '{"_id": "d1", "text": "Tides."}\n{"_id": "d2", "text": "Tides."}\n',
    "queries.jsonl": '{"_id": "q", "text": "Why?"}\n',
    "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq\td1\t2\nq\td9\t0\n",
    "theirs.run": "q Q0 d2 1 0.5 them\n",
}


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def config(**changed):
        for name, text in {**FILES, "config.yaml": CONFIG, **changed}.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        return load_config(tmp_path / "config.yaml")

    return config


def test_right_files_pass(bench):
    refuse_wrong_inputs(bench())


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("qrels/test.tsv", "q\td1\t1\nq\td7\t1\n", r"datasets\.sea: qrels/test\.tsv:2: .*'d7'"),
        ("theirs.run", "q Q0 d7 1 0.5 x\n", r"retrievers\.theirs: theirs\.run:1: .*'d7'"),
        ("theirs.run", "q Q0 d1 1 2 x\nq Q0 d2 1 1 x\n", r"theirs\.run:2: duplicate rank 1"),
        ("corpus.jsonl", '{"_id": "d1", "text": 5}', r"corpora\.sea: corpus\.jsonl:1: 'text'"),
    ],
)
def test_a_wrong_file_is_one_line(bench, name, text, message):
    with pytest.raises(InputError, match=message) as error:
        refuse_wrong_inputs(bench(**{name: text}))
    assert "\n" not in str(error.value)


def test_a_submission_without_a_row_of_the_questions(bench):
    config = (
        "datasets: {sea: {questions: q.csv}}\n"
        "models: {theirs: {provider: submission, path: a.csv}}\n"
    )
    files = {"config.yaml": config, "q.csv": "question,answer\nWhy?,x\nHow?,y\n"}
    refuse_wrong_inputs(bench(**files, **{"a.csv": "id,answer\n2,x\n"}))
    with pytest.raises(InputError, match=r"models\.theirs: a\.csv: no row .* ids of rows: '7'"):
        refuse_wrong_inputs(bench(**files, **{"a.csv": "id,answer\n7,x\n"}))


def test_the_memory_of_an_index_is_compared_with_the_free_memory(bench, monkeypatch):
    [found] = check_indexes(bench())
    assert (found.subject, found.level) == ("index bm25 of sea", Severity.OK)
    little = SimpleNamespace(available=50 * 2**20)
    monkeypatch.setattr("modellab.workflow.preflight.inputs.virtual_memory", lambda: little)
    assert [one.level for one in check_indexes(bench())] == [Severity.WARNING]
