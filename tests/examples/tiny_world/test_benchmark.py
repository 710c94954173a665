import subprocess
import sys
from pathlib import Path

import pytest
from tiny_world.benchmark import TAG
from tiny_world.names import is_held_out

from modellab.corpus.readers import table
from modellab.questions.wattbot import WattBotFormat

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "resources" / "tiny-world"


def generate(*arguments):
    command = [sys.executable, ROOT / "examples" / "tiny-world" / "generate.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    assert generate(folder).returncode == 0
    return folder


def test_the_shipped_files_are_what_the_command_writes(written):
    for name in ("corpus.jsonl", "questions.csv"):
        assert (SHIPPED / name).read_bytes() == (written / name).read_bytes()


def test_another_seed_makes_another_world(written, tmp_path):
    generate(tmp_path, "--seed", "2")
    assert (tmp_path / "corpus.jsonl").read_bytes() != (written / "corpus.jsonl").read_bytes()


def test_too_few_groups_are_refused_in_a_line(tmp_path):
    run = generate(tmp_path, "--groups", "3")
    assert run.returncode == 2
    assert "--groups 3" in run.stderr and "Traceback" not in run.stderr
    assert not list(tmp_path.iterdir())


def test_counts_and_tags(written):
    questions = WattBotFormat(kind="wattbot", tag_columns=("phrasing",)).read(
        written / "questions.csv"
    )
    assert len(questions) == 150
    assert sum("is_NA" in question.tags for question in questions) == 30
    assert sum(TAG in question.tags for question in questions) == 40
    assert len({question.text for question in questions}) > 145


def test_every_answer_is_in_the_one_document_it_names(written):
    read = table.read(written / "corpus.jsonl").documents
    documents = {document.id: document for document in read}
    assert len(documents) == 97
    for question in WattBotFormat(kind="wattbot", tag_columns=("phrasing",)).read(
        written / "questions.csv"
    ):
        if "is_NA" in question.tags:
            assert question.references == ()
            continue
        [reference] = question.references
        text = documents[reference].text.replace(",", "")
        assert f" {question.reference['answer_value']}" in text
        assert is_held_out(question.reference["answer_value"])
