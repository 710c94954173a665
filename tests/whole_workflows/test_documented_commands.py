"""Every command of the README and the docs: run, dry-run, or checked for its words.

The tutorial is run as it is written, in an empty folder. Commands of Snakemake are dry runs in a
folder that looks like a clone; of `modellab` and `make` the words are checked, where no other test
runs them.
"""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from modellab.workflow.cli.app import app

pytestmark = [pytest.mark.workflow, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
BIN = ROOT / ".venv" / "bin"
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
TUTORIAL = "tutorial.md"
#: what a dry run cannot do here, and why
NOT_RUN = {
    "snakemake results/quiz/leaderboard.csv": "the config is an excerpt",
    "snakemake judge judge_pipeline --cores 4": "the config is an excerpt",
    "snakemake --config partial=true": "it begins with answers that are there",
    "snakemake fetch_models --cores 1": "the demo has nothing to fetch",
}
#: what the page tells to set before
SET = {"JUDGE_URL": "http://127.0.0.1:9/v1", "JUDGE_MODEL_KEY": "none"}
#: another test runs them: these are other programs
OTHER = ("export ", ".venv/bin/pip ")


def blocks(page):
    return re.findall(r"^```(?:bash|sh|console)\n(.*?)^```", page.read_text(), re.S | re.M)


def commands():
    """(page, command) of all pages but the tutorial, comments and continued lines taken away."""
    for page in PAGES:
        text = "\n".join(blocks(page)) if page.name != TUTORIAL else ""
        for line in text.replace("\\\n", " ").splitlines():
            command = re.sub(r"\s+", " ", re.sub(r"(^|\s)#.*", "", line)).strip()
            if command:
                yield page.name, command


ALL = list(commands())


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A folder like a clone, with a config of its own beside the demo's."""
    folder = tmp_path_factory.mktemp("clone")
    left = {"results", "tests", "site", "build"}
    for path in ROOT.iterdir():
        if not path.name.startswith(".") and path.name not in left:
            (folder / path.name).symlink_to(path)
    (folder / "mine.yaml").write_text((ROOT / "resources/demo-label/config.yaml").read_text())
    return folder


@pytest.mark.parametrize(
    "command", [one for _, one in ALL if "snakemake " in one and one not in NOT_RUN]
)
def test_commands_of_snakemake_are_dry_runs_without_an_error(command, clone):
    words = shlex.split(command)
    settings = dict(word.split("=", 1) for word in words[: words.index("snakemake")])
    done = subprocess.run(
        [BIN / "snakemake", "-n", *words[words.index("snakemake") + 1 :]],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": str(ROOT), **SET, **settings},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", [one for _, one in ALL if one.startswith("modellab ")])
def test_commands_of_modellab_have_words_that_it_knows(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _, name, *words = shlex.split(command)
    found = get_command(app).commands[name]
    for word in words:
        if word.endswith((".csv", ".jsonl", ".zip", "/")):  # files that a command wants to be there
            path = Path(word.rstrip("/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.mkdir(exist_ok=True) if word.endswith("/") else path.touch()
    found.make_context(name, list(words))


@pytest.mark.parametrize("command", [one for _, one in ALL if one.startswith("make ")])
def test_commands_of_make_are_targets(command):
    assert re.search(rf"^{command.split()[1]}:", (ROOT / "Makefile").read_text(), re.M)


def test_every_command_is_tried_or_excused():
    known = ("modellab ", "make ", *OTHER)
    rest = {c for _, c in ALL if not c.startswith(known) and "snakemake " not in c}
    assert not rest
    assert set(NOT_RUN) <= {command for _, command in ALL}


def test_the_tutorial_as_it_is_written_in_an_empty_folder(tmp_path):
    (tmp_path / "model-lab").symlink_to(ROOT)
    steps = "\n".join(blocks(ROOT / "docs" / TUTORIAL))
    done = subprocess.run(
        ["bash", "-c", f"set -e\nshopt -s expand_aliases\n{steps}"],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    office = tmp_path / "office"
    assert (office / "results" / "office" / "report" / "index.html").is_file()
    assert (office / "results-bundle.zip").is_file()
