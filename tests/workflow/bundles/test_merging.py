"""Several bundles as one comparison."""

import json
import zipfile
from hashlib import sha256

import pytest
from links import links
from workflow.bundles.conftest import write_benchmark

from modellab.core.io.csv_file import read_csv

OTHERS = {"bob": ("5", "Ann"), "cat": ("6", "Bob")}


@pytest.fixture(scope="session")
def other_finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("other")
    write_benchmark(folder, OTHERS)
    return folder


@pytest.fixture
def other(other_finished, bundle, command, monkeypatch):
    """Another bundle of the same questions; one model has a name that the first has, too."""
    path = bundle.parent / "Theirs 2.zip"
    monkeypatch.chdir(other_finished)
    code, said = command("bundle", "--output", path)
    assert code == 0, said
    monkeypatch.chdir(bundle.parent)
    return path


def board(path):
    return read_csv(path / "quiz" / "leaderboard.csv").rows


def changed(path, name, old, new):
    """The bundle with another text in a file, and a manifest that agrees."""
    with zipfile.ZipFile(path) as archive:
        files = {one: archive.read(one) for one in archive.namelist()}
    assert old.encode() in files[name]
    files[name] = files[name].replace(old.encode(), new.encode())
    manifest = json.loads(files["manifest.json"])
    for one, about in manifest["files"].items():
        about.update(sha256=sha256(files[one]).hexdigest(), bytes=len(files[one]))
    files["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for one, content in files.items():
            archive.writestr(one, content)


@pytest.mark.slow
def test_bundles_of_the_same_questions_are_one_comparison(bundle, other, command, tmp_path):
    code, said = command("merge", bundle, other)
    assert code == 0, said
    rows = [(row["rank"], row["model"], row["bundle"]) for row in board(tmp_path / "merged")]
    assert rows == [
        *(("1", "ann", "b"), ("1", "bob.theirs-2", "theirs-2")),
        *(("3", "bob.b", "b"), ("4", "cat", "theirs-2")),
    ]
    folder = tmp_path / "merged" / "quiz"
    pairs = read_csv(folder / "comparisons.csv").rows
    assert {(row["system_a"], row["system_b"]) for row in pairs} >= {("ann", "cat")}
    page = (folder / "report" / "index.html").read_text()
    assert "<small>from theirs-2</small>" in page
    assert (folder / "plots" / "overall_ranking.svg").is_file()
    assert "bob.theirs-2" in (folder / "tables/matrix_long.csv").read_text()
    assert [path for path in links(folder) if not path.exists()] == []


@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        (
            *("quiz/questions.jsonl", '"answer_value": "Ann"', '"answer_value": "Eve"'),
            "quiz: question 'q2'.reference.answer_value is 'Eve', but 'Ann' in ",
        ),
        (
            *("manifest.json", '"missing": "incorrect"', '"missing": "ignore"'),
            "quiz: missing is 'ignore', but 'incorrect' in ",
        ),
        (
            *("manifest.json", '"confidence": 0.95', '"confidence": 0.9'),
            "quiz: statistics.confidence is 0.9, but 0.95 in ",
        ),
    ],
)
def test_what_differs_is_named(bundle, other, command, monkeypatch, name, old, new, found):
    from modellab.workflow.bundles import merging

    # scores that fit the changed questions are not what this is about
    monkeypatch.setattr(merging, "rescored", lambda *_: iter(()))
    changed(other, name, old, new)
    code, said = command("merge", bundle, other)
    assert (code, found in said, said.count("\n")) == (1, True, 1), said


def test_a_bundle_with_other_scores_is_refused(bundle, other, command, tmp_path):
    changed(other, "quiz/scores/cat.csv", "wrong", "right")
    code, said = command("merge", bundle, other)
    assert (code, "Theirs 2.zip: quiz: cat: rows.q1/1.outcome: 'right' in" in said) == (1, True), (
        said
    )
    assert not (tmp_path / "merged").exists()


def test_a_changed_file_and_one_bundle_alone_are_refused(bundle, other, command):
    with zipfile.ZipFile(other, "a") as archive:
        archive.writestr("quiz/more.csv", "x")
    code, said = command("merge", bundle, other)
    assert (code, "extra: 'quiz/more.csv' is not in the manifest" in said) == (1, True)
    code, said = command("merge", bundle)
    assert (code, "name two bundles or more" in said) == (1, True)


def test_a_dataset_that_one_lacks_is_named(bundle, other, command):
    code, said = command("merge", bundle, other, "--dataset", "exam")
    assert (code, "not in all: 'exam'" in said) == (1, True)
