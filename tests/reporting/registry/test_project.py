"""The commit and the author: from Git and the environment, or unknown."""

import shutil
import subprocess

import pytest

from modellab.reporting.registry.project import author, describe_project

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="Git is not here")
NAMES = ("MODELLAB_AUTHOR", "GIT_AUTHOR_NAME", "GIT_DIR", "GIT_WORK_TREE", "GIT_CONFIG_GLOBAL")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch, tmp_path):
    """No settings of the machine's user."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))


def git(folder, *arguments):
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "work")
    git(folder, "config", "user.name", "A. Tester")
    git(folder, "config", "user.email", "tester@example.org")
    (folder / "file").write_text("one")
    git(folder, "add", "file")
    git(folder, "commit", "-qm", "first")
    return folder


def test_the_commit_and_whether_files_were_changed(checkout):
    project = describe_project(checkout)
    assert project.commit == git(checkout, "rev-parse", "HEAD")
    assert (project.branch, project.dirty) == ("work", False)
    (checkout / "new").write_text("not known to Git")
    assert describe_project(checkout).dirty is False
    (checkout / "file").write_text("two")
    assert describe_project(checkout).dirty is True
    git(checkout, "checkout", "-q", "--detach")
    assert describe_project(checkout).branch is None


def test_nothing_is_known_without_a_checkout_or_a_commit(tmp_path, monkeypatch):
    folder = tmp_path / "plain"
    folder.mkdir()
    assert describe_project(folder).commit is None
    assert describe_project(folder).dirty is None
    git(folder, "init", "-q")
    assert describe_project(folder).commit is None
    monkeypatch.setenv("PATH", "")
    assert describe_project(folder).commit is None


def test_the_author_is_named_or_unknown(checkout, tmp_path, monkeypatch):
    assert author(checkout) == "A. Tester"
    assert author(tmp_path) is None
    monkeypatch.setenv("GIT_AUTHOR_NAME", "From Git")
    assert author(tmp_path) == "From Git"
    monkeypatch.setenv("MODELLAB_AUTHOR", "From Here")
    assert author(checkout) == "From Here"


def test_the_commit_of_a_project_around_it_is_not_its_own(checkout):
    """A copy without Git, or an installed one, inside of somebody's checkout."""
    inside = checkout / ".venv" / "site-packages"
    inside.mkdir(parents=True)
    (inside / "file").write_text("not known to Git")
    assert describe_project(inside).commit is None
    part = checkout / "part"
    part.mkdir()
    (part / "file").write_text("known")
    git(checkout, "add", "part")
    git(checkout, "commit", "-qm", "second")
    assert describe_project(part).commit == git(checkout, "rev-parse", "HEAD")


def test_a_hook_of_another_checkout_does_not_lead_astray(checkout, tmp_path, monkeypatch):
    git(tmp_path, "init", "-q", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other" / "index"))
    found = describe_project(checkout)
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert found == describe_project(checkout)
    assert found.commit is not None
