from pathlib import Path

import pytest
from typer.testing import CliRunner

from modellab.cli import app
from modellab.corpus.readers import jsonl
from modellab.questions.wattbot import read_questions
from modellab.tiny_world.benchmark import TAG
from modellab.tiny_world.names import is_held_out

SHIPPED = Path(__file__).parents[2] / "resources" / "tiny-world"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    assert CliRunner().invoke(app, ["tiny-world", str(folder)]).exit_code == 0
    return folder


def test_the_shipped_files_are_what_the_command_writes(written):
    for name in ("corpus.jsonl", "questions.csv"):
        assert (SHIPPED / name).read_bytes() == (written / name).read_bytes()


def test_another_seed_makes_another_world(written, tmp_path):
    CliRunner().invoke(app, ["tiny-world", str(tmp_path), "--seed", "2"])
    assert (tmp_path / "corpus.jsonl").read_bytes() != (written / "corpus.jsonl").read_bytes()


def test_too_few_groups_are_refused_in_a_line(tmp_path):
    run = CliRunner().invoke(app, ["tiny-world", str(tmp_path), "--groups", "3"])
    assert run.exit_code == 1
    assert "--groups 3" in run.output
    assert not list(tmp_path.iterdir())


def test_counts_and_tags(written):
    questions = read_questions(written / "questions.csv", ["phrasing"])
    assert len(questions) == 150
    assert sum("is_NA" in question.tags for question in questions) == 30
    assert sum(TAG in question.tags for question in questions) == 40
    assert len({question.text for question in questions}) > 145


def test_every_answer_stands_in_the_one_document_it_names(written):
    read = jsonl.read(written / "corpus.jsonl").documents
    documents = {document.id: document for document in read}
    assert len(documents) == 97
    for question in read_questions(written / "questions.csv", ["phrasing"]):
        if "is_NA" in question.tags:
            assert question.references == ()
            continue
        [reference] = question.references
        text = documents[reference].text.replace(",", "")
        assert f" {question.truth['answer_value']}" in text
        assert is_held_out(question.truth["answer_value"])
